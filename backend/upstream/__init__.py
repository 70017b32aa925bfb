"""Calls to the outside: departments, WeChat, SMS, object stores; nothing else imports httpx."""
