"""行政区划: provinces, cities, counties and streets, and what lies within what (GB/T 2260)."""
