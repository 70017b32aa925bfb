"""Console accounts (控制台账号): roles, passwords, codes, sessions of those who run things."""
