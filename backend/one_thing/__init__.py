"""一件事一次办: items of several departments as one form and one progress page."""
