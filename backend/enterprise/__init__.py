"""Enterprises and the people who represent them, as the registers of enterprises say it."""
