"""Registered systems (接入系统): what a department is known by, and how it is called."""
