"""Policies as a citizen and an enterprise see them."""
