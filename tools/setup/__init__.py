"""Prepares a fresh clone: checks the machine, then installs and builds only what changed."""
