"""Programs of enterprises over HTTP: they hold a key and sign what they ask."""

import json
import secrets
from dataclasses import dataclass
from typing import Any

import httpx

from backend.sandbox.population.people import Enterprise
from backend.upstream.signing import SigningKey, sign_request

API = "/api/v1/enterprise"


@dataclass(frozen=True, slots=True)
class Program:
    """A registered program."""

    id: str
    key: SigningKey

    async def ask(
        self, http: httpx.AsyncClient, method: str, target: str, body: Any = None
    ) -> httpx.Response:
        """A signed request."""
        raw = json.dumps(body).encode() if body is not None else b""
        path, _, query = target.partition("?")
        headers = sign_request(self.key, method, path, query, raw)
        if body is not None:
            headers["content-type"] = "application/json"
        return await http.request(method, target, content=raw, headers=headers)


async def program(
    http: httpx.AsyncClient, who: dict[str, str], company: Enterprise, **given: Any
) -> Program:
    """Register one by a key that nobody else has."""
    seed = secrets.token_bytes(32)
    alg = given.setdefault("alg", "ed25519")
    body = {
        "name": "财务系统", "scopes": ["cases.apply", "cases.read"],
        "public": SigningKey.from_seed("x", seed, alg).public_base64, **given,
    }  # fmt: skip
    url = f"{API}/enterprises/{company.uscc}/machines"
    made = await http.post(url, json=body, headers=who)
    assert made.status_code == 201, made.text
    return Program(made.json()["id"], SigningKey.from_seed(made.json()["key_id"], seed, alg))
