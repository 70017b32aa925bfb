"""Stores: database and Redis, sealing and blind indexes; who opens either does it here."""
