"""Appointments (预约取号) and places near by (就近办), up to the day at the counter."""
