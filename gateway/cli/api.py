"""A small client of the gateway's own API, for commands that act for a person at a console.

Plain ``http.client``: the outbound machinery of ``backend.upstream`` is for calls to systems.
"""

import http.client
import json
import os
import uuid
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

TIMEOUT_S = 120.0


class Refused(Exception):
    """What the gateway refused, in the words of its problem; ``errors`` are places to mend."""

    def __init__(self, problem: dict[str, Any], status: int) -> None:
        self.code = str(problem.get("code", status))
        self.problem = problem
        super().__init__(f"{problem.get('detail') or '请求没有成功'} ({self.code})")


class Unreachable(Exception):
    """The gateway does not answer, or is no gateway."""


@dataclass(frozen=True, slots=True)
class Api:
    """The gateway at an address, with the session of a token file.

    Attributes:
        token_file: read before each call; made by ``login`` so that only its owner reads it.
    """

    gateway: str
    token_file: Path

    def call(self, method: str, path: str, body: Any = None, **query: str | int | None) -> Any:
        """One call.

        Returns:
            The answer's JSON; None where there is none.

        Raises:
            Refused: by the gateway. Unreachable: no answer.
        """
        return self._send(method, path, body, query, self._token())

    def login(self, username: str, password: str, code: str) -> dict[str, Any]:
        """Open a session and keep its token.

        Raises:
            Refused: wrong, locked, or not enrolled. Unreachable: no answer.
            OSError: the token file cannot be written.
        """
        wanted = {"username": username, "password": password, "code": code}
        opened: dict[str, Any] = self._send("POST", "/api/v1/operator/sessions", wanted, {}, "")
        self.token_file.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with os.fdopen(os.open(self.token_file, flags, 0o600), "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(opened["access_token"])
        return opened

    def _token(self) -> str:
        try:
            return self.token_file.read_text("utf-8").strip()
        except OSError:
            raise Unreachable("还没有登录，请先运行 shengshitong provider login") from None

    def _send(self, method: str, path: str, body: Any, query: dict[str, Any], token: str) -> Any:
        parts = urlsplit(self.gateway)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else (
            http.client.HTTPConnection
        )  # fmt: skip
        asked = urlencode({name: value for name, value in query.items() if value is not None})
        headers = {"content-type": "application/json"} if body is not None else {}
        if token:
            headers["authorization"] = f"Bearer {token}"
            # Sent once more by hand after a broken connection, it is another act: a new key each.
            headers |= {"idempotency-key": str(uuid.uuid4())} if method == "POST" else {}
        where = parts.path.rstrip("/") + path + (f"?{asked}" if asked else "")
        data = None if body is None else json.dumps(body).encode()
        try:
            with closing(kind(parts.netloc, timeout=TIMEOUT_S)) as connection:
                connection.request(method, where, data, headers)
                answer = connection.getresponse()
                content, status = answer.read(), answer.status
            found = json.loads(content) if content else None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(
                f"网关 {self.gateway} 没有应答（{type(error).__name__}），请核对地址："
                "用 --gateway 或 SST_GATEWAY 指明"
            ) from None
        if status >= 400:
            raise Refused(found if isinstance(found, dict) else {}, status)
        return found
