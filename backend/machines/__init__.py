"""Software of enterprises: keys of its own, scopes, a quota; asks how cases stand, files many."""
