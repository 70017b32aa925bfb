"""Who acts for an enterprise: its representative, administrators, and agents with their leave."""
