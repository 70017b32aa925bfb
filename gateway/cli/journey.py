"""The main journey over HTTP, as a phone drives it; every answer that is not as it should be stops.

Knows the interface alone: it can be pointed at any sandbox instance, however that is run.
"""

import base64
import http.client
import json
import secrets
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import quote, urlsplit

API = "/api/v1"
PNG = b"\x89PNG\r\n\x1a\n"
TIMEOUT_S = 15.0
FEWEST_ITEMS = 120
FACE_REQUIRED_LEVEL = 4


class Deviation(Exception):
    """An answer was not what the journey needs; the message names the step and what came."""


@dataclass(slots=True)
class Client:
    """One browser: an address, a device key and the tokens of its session."""

    base_url: str
    device_key: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    steps: int = 0

    def call(
        self, method: str, path: str, body: Any = None, expect: int = 200, token: str | None = None
    ) -> Any:
        """One request; the decoded JSON answer, or the bytes of anything else.

        Raises:
            Deviation: the status is another than ``expect``, or nothing answered.
        """
        self.steps += 1
        parts = urlsplit(self.base_url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
        headers = {"authorization": f"Bearer {token or self.access}"} if self.access else {}
        if body is not None:
            headers["content-type"] = "application/json"
        if method == "POST":
            headers["idempotency-key"] = secrets.token_urlsafe(16)
        try:
            connection.request(
                method, path, json.dumps(body) if body is not None else None, headers
            )
            answer = connection.getresponse()
            raw, kind = answer.read(), answer.getheader("content-type", "")
        except (OSError, http.client.HTTPException) as error:
            raise Deviation(f"{method} {path}: {error!r}") from None
        finally:
            connection.close()
        if answer.status != expect:
            shown = raw[:400].decode(errors="replace")
            raise Deviation(f"{method} {path}: {answer.status} instead of {expect}: {shown}")
        return json.loads(raw) if "json" in kind else raw

    def refused(self, method: str, path: str, status: int, code: str, body: Any = None) -> Any:
        """A request that must be refused with this status and code; the problem."""
        problem = self.call(method, path, body, expect=status)
        need(problem.get("code") == code, f"{method} {path}: {problem.get('code')} not {code}")
        return problem


def need(holds: object, otherwise: str) -> None:
    """See that something holds.

    Raises:
        Deviation: it does not.
    """
    if not holds:
        raise Deviation(otherwise)


class Journey:
    """Public catalogue, login, real name, home, wallet, face, enterprise, sessions, log-out."""

    def __init__(self, base_url: str) -> None:
        self.client = Client(base_url)
        self.found: dict[str, Any] = {}

    def drive(self) -> dict[str, Any]:
        """Go all the way.

        Returns:
            Counts of what was seen.

        Raises:
            Deviation: at the first answer that is not as it should be.
        """
        start = self.client.call("GET", f"{API}/public/bootstrap")
        need(start["sandbox"] and start["demo_people"], "bootstrap names no demo people")
        self._catalogue(start["home_region"]["code"])
        # The last one owns enterprises, so that one person can walk through both doors.
        person = start["demo_people"][-1]
        self._login(person, start)
        self._real_name(person)
        self._home()
        self._wallet(f"{API}/citizen/wallet")
        self._face(start)
        self._enterprise()
        self._sessions()
        return {**self.found, "steps": self.client.steps}

    def _catalogue(self, region: str) -> None:
        call = self.client.call
        for list_ in ("themes?audience=citizen", "departments", f"regions?parent={region}"):
            need(call("GET", f"{API}/public/{list_}")["items"], f"{list_} is empty")
        page = call("GET", f"{API}/public/service-items?audience=citizen&region={region}&limit=5")
        need(page["total"] > 0 and page["items"], "no service item for citizens")
        guide = call("GET", f"{API}/public/service-items/{quote(page['items'][0]['id'])}")
        need(guide["elements"], "a service item has no elements")
        word = page["items"][0]["name"][:4]
        hits = call("GET", f"{API}/public/service-items?q={quote(word)}")
        need(hits["items"], "search does not find an item by its own name")
        whole = call("GET", f"{API}/public/service-items/download?format=json")
        items = whole["items"] if isinstance(whole, dict) else whole
        need(len(items) >= FEWEST_ITEMS, f"only {len(items)} service items")
        self.found["service_items"] = len(items)
        openapi = call("GET", "/openapi.json")
        need(openapi["openapi"].startswith("3.1"), "no OpenAPI 3.1 description")

    def _login(self, person: dict[str, Any], start: dict[str, Any]) -> None:
        client = self.client
        client.refused("GET", f"{API}/citizen/me", 401, "identity.session_missing")
        codes = f"{API}/citizen/sessions/sms-codes"
        sent = client.call("POST", codes, {"phone": person["phone"]}, expect=202)
        need(sent["sandbox_code"], "the sandbox does not show the SMS code")
        tokens = client.call(
            "POST",
            f"{API}/citizen/sessions/phone",
            {
                "phone": person["phone"],
                "code": sent["sandbox_code"],
                "device": {"key": client.device_key, "name": "smoke", "platform": "h5"},
                "privacy_version": start["privacy"]["version"],
            },
            expect=201,
        )
        self._take(tokens)
        need(tokens["level"] == 1, f"level {tokens['level']} after login by phone")

    def _take(self, tokens: dict[str, Any]) -> None:
        self.client.access = tokens["access_token"]
        self.client.refresh = tokens["refresh_token"]

    def _real_name(self, person: dict[str, Any]) -> None:
        client, path = self.client, f"{API}/citizen/me/identity"
        low = client.refused("GET", f"{API}/citizen/wallet", 403, "identity.level_too_low")
        need(low["required_level"] == 3, "the wallet does not name level 3")
        wrong = {"name": "无此人", "id_number": person["id_number"]}
        client.refused("POST", path, 400, "identity.not_matched", wrong)
        right = {"name": person["name"], "id_number": person["id_number"]}
        verified = client.call("POST", path, right)
        need(verified["level"] == 3, f"level {verified['level']} after the real name")
        me = client.call("GET", f"{API}/citizen/me")
        need(person["id_number"] not in json.dumps(me), "the ID number is not masked")

    def _home(self) -> None:
        home = self.client.call("GET", f"{API}/citizen/home")
        states = {section["code"]: section["status"] for section in home["sections"]}
        lost = [code for code, state in states.items() if state in ("stale", "unavailable")]
        need(states and not lost, f"sections of the home page: {states}")
        need("fresh" in states.values(), f"no section is fresh: {states}")
        self.found["sections"] = len(states)
        self.client.call("GET", f"{API}/citizen/messages")

    def _wallet(self, path: str) -> None:
        client = self.client
        wallet = client.call("GET", path)
        need(wallet["items"], f"{path} is empty")
        states = {source["name"]: source["status"] for source in wallet["sources"]}
        need(not {"stale", "unavailable"} & set(states.values()), f"sources: {states}")
        self.found["licences"] = self.found.get("licences", 0) + len(wallet["items"])
        card = f"{path}/{quote(wallet['items'][0]['id'])}"
        licence = client.call("GET", card)
        need(licence["identifier"], "a licence has no identifier")
        shown = client.call("POST", f"{card}/reveal", {"field": "number"})
        need("*" not in shown["value"], "the number was not revealed")
        picture = client.call("GET", f"{card}/face.png?purpose={quote('冒烟测试')}")
        need(picture.startswith(PNG), "the face of the licence is no PNG")

    def _face(self, start: dict[str, Any]) -> None:
        client, path = self.client, f"{API}/citizen/me/face/photo"
        photo = {"image": _photo()}
        client.refused("POST", path, 403, "identity.consent_required", photo)
        consent = {"kind": "face", "version": start["face_notice"]["version"]}
        client.call("POST", f"{API}/citizen/me/consents", consent, expect=201)
        level = client.call("POST", path, photo)["level"]
        need(level == FACE_REQUIRED_LEVEL, f"level {level} after the face")

    def _enterprise(self) -> None:
        client, path = self.client, f"{API}/enterprise/enterprises"
        listed = client.call("GET", path)
        need(listed["items"] and listed["source_status"] == "fresh", "no enterprise to represent")
        uscc = listed["items"][0]["uscc"]
        page = client.call("GET", f"{path}/{uscc}")
        cards = page["wallet"]["items"]
        need(cards, "the enterprise has no licence")
        client.call("GET", f"{path}/{uscc}/wallet/{quote(cards[0]['id'])}")
        self.found["enterprises"] = len(listed["items"])

    def _sessions(self) -> None:
        client, path = self.client, f"{API}/citizen/sessions"
        old = client.refresh
        self._take(client.call("POST", f"{path}/refresh", {"refresh_token": old}))
        devices = client.call("GET", path)["items"]
        need(sum(device["current"] for device in devices) == 1, "this device is not in the list")
        client.call("DELETE", f"{path}/current", expect=204)
        client.call("GET", f"{API}/citizen/me", expect=401)
        client.call("POST", f"{path}/refresh", {"refresh_token": client.refresh}, expect=401)


def _photo() -> str:
    """A small picture in base64, as a camera would give it; the sandbox looks at its size only."""
    from PIL import Image

    buffer = BytesIO()
    Image.new("RGB", (320, 320), (200, 170, 150)).save(buffer, "JPEG")
    return base64.b64encode(buffer.getvalue()).decode()
