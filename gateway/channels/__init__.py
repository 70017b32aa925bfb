"""The API: a package per audience, a file per resource; each is found by itself."""
