"""Counters of registered systems that verify licences, known by their signatures."""
