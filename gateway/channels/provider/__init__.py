"""What a registered system tells the platform, and how its people let it join."""
