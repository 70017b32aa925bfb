"""Logging in to the console of a running sandbox, as its demo accounts."""

import asyncio
import re

import httpx

from tests.provinces import Platform

# A code counts once, so a session is opened once a platform and shared; its idle time is far.
_tokens: dict[tuple[str, str], str] = {}


async def shown_code(http: httpx.AsyncClient, username: str) -> str:
    """The code that the login page shows for a demo account; waits while there is none."""
    for _ in range(70):
        page = (await http.get("/console/login")).text
        row = re.search(rf">{re.escape(username)}</th>.*?<code>([^<]+)</code>", page)
        assert row, f"{username} is not on the login page"
        if row[1].isdigit():
            return row[1]
        await asyncio.sleep(0.5)
    raise AssertionError(f"no code for {username}")


async def log_in(http: httpx.AsyncClient, platform: Platform, username: str) -> httpx.Response:
    """Open a session by the API."""
    code = await shown_code(http, username)
    password = platform.environ["SST_DEMO_PASSWORD"]
    given = {"username": username, "password": password, "code": code}
    return await http.post("/api/v1/operator/sessions", json=given)


async def token_of(http: httpx.AsyncClient, platform: Platform, username: str) -> str:
    """A token of a demo account; the session is shared by the tests of a platform."""
    key = platform.url, username
    if key not in _tokens:
        answer = await log_in(http, platform, username)
        assert answer.is_success, answer.text
        _tokens[key] = answer.json()["access_token"]
    return _tokens[key]


async def bearer_of(http: httpx.AsyncClient, platform: Platform, username: str) -> dict[str, str]:
    """The header of a demo account's requests."""
    return {"authorization": f"Bearer {await token_of(http, platform, username)}"}
