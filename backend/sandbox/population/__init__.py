"""A synthetic population: valid numbers, invented names, people who do not exist."""
