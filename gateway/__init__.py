"""The gateway (网关): HTTP in, answers out; the rules are in ``backend``."""
