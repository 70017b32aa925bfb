"""What people call on their phones."""
