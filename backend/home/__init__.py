"""The home page (首页): what is mine, from many systems at once."""
