"""Showing licences (亮证): on line by a code that lives a minute, off line by a credential."""
