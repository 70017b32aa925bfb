"""Places of the home province where things are done: centres, counters of police, stations."""
