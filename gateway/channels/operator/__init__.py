"""The channel of whoever runs a system or the platform: what the console does, for programs."""
