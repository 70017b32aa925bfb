"""Pages of the console, a file per subject; see ``gateway.console`` for how to add one."""
