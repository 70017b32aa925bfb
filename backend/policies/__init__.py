"""Policies that find people and enterprises (政策找人, 免申即享), up to the payment."""
