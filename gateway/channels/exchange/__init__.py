"""What a registered system asks of others' data."""
