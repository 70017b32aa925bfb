"""Evaluations (好差评): what people say of a service, and what is done about it."""
