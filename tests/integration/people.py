"""People of the running province, logged in over HTTP to the level that a test needs."""

import secrets
from typing import Any

import httpx

from backend.sandbox.population.people import Person
from tests.sandbox_world import picture

CITIZEN = "/api/v1/citizen"
VERSION = "2026-11-01"


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    """The header of a logged-in request."""
    return {"authorization": f"Bearer {tokens['access_token']}"}


def new_phone() -> str:
    """A mobile number that nobody else has."""
    return f"139{secrets.randbelow(10**8):08d}"


async def citizen(
    http: httpx.AsyncClient, person: Person, level: int = 3, phone: str = ""
) -> dict[str, Any]:
    """Log somebody in on a fresh device: 1 by phone, 3 with the real name, 4 by face."""
    phone = phone or new_phone()
    sent = await http.post(f"{CITIZEN}/sessions/sms-codes", json={"phone": phone})
    assert sent.status_code == 202, sent.text
    body = {
        "phone": phone,
        "code": sent.json()["sandbox_code"],
        "device": {"key": secrets.token_urlsafe(24), "name": "Test", "platform": "h5"},
        "privacy_version": VERSION,
    }
    made = await http.post(f"{CITIZEN}/sessions/phone", json=body)
    assert made.status_code == 201, made.text
    tokens: dict[str, Any] = made.json()
    if level >= 3:
        named = {"name": person.name, "id_number": person.id_number}
        tokens = await _step(http, tokens, "/me/identity", named)
    if level >= 4:
        tokens = await face(http, tokens)
    return tokens


async def face(http: httpx.AsyncClient, tokens: dict[str, Any]) -> dict[str, Any]:
    """Show the face, in a session of level 3."""
    consent = {"kind": "face", "version": VERSION}
    await http.post(f"{CITIZEN}/me/consents", json=consent, headers=bearer(tokens))
    return await _step(http, tokens, "/me/face/photo", {"image": picture(320)})


async def _step(
    http: httpx.AsyncClient, tokens: dict[str, Any], path: str, body: dict[str, Any]
) -> dict[str, Any]:
    answer = await http.post(f"{CITIZEN}{path}", json=body, headers=bearer(tokens))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found.get("tokens") or tokens
