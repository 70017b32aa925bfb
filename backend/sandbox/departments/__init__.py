"""The sandbox's departments: a folder for each, and what all of them share."""
