"""Journeys in a real browser, against a running province."""
