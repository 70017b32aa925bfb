"""Applications as a department of the sandbox keeps them, and what its clerk does."""
