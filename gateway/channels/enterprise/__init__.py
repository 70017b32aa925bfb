"""What is called for an enterprise: by its people, and by its software."""
