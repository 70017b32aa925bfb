"""A request that is sent again (Idempotency-Key) is carried out once."""
