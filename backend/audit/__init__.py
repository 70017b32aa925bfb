"""The audit (审计): what happened to accounts, rights and personal data, in a chain of hashes."""
