"""Who accepts, decides and supervises an item, where departments divided that (一枚印章)."""
