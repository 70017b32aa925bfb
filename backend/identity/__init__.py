"""People (用户): accounts, real names, levels of assurance, sessions, family."""
