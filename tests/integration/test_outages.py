"""A store that is away: everybody is answered within seconds, in words, and it ends by itself."""

import base64
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.servers import Postgres, migrated_file, start_valkey
from tests.signed_world import gateway

# Of the right shape; nobody has a session by it.
TOKEN = base64.urlsafe_b64encode(b"t" * 42).decode()[:55]
SILENT = (503, "platform.store_silent", "3")


def said(answer: httpx.Response) -> tuple[int, str, str | None]:
    return answer.status_code, answer.json()["code"], answer.headers.get("retry-after")


def until(check: Callable[[], bool], within_s: float = 30.0) -> None:
    over = time.monotonic() + within_s
    while not check():
        assert time.monotonic() < over
        time.sleep(0.1)


def test_without_valkey_each_way_says_so_and_goes_on_when_it_is_back(tmp_path: Path) -> None:
    valkey = start_valkey(tmp_path / "valkey")
    database = f"sqlite://{tmp_path / 'shengshitong.db'}"
    Path(tmp_path / "shengshitong.db").write_bytes(migrated_file().read_bytes())
    try:
        with (
            gateway(tmp_path, database, valkey.url) as running,
            httpx.Client(base_url=f"http://127.0.0.1:{running.port}", timeout=20) as http,
        ):
            me = {"authorization": f"Bearer {TOKEN}"}
            assert said(http.get("/api/v1/citizen/wallet", headers=me))[0] == 401
            valkey.stop()
            assert said(http.get("/healthz")) == SILENT
            # A read and a post on the short way, and a read on Sanic's.
            assert said(http.get("/api/v1/citizen/wallet", headers=me)) == SILENT
            codes = "/api/v1/citizen/presentations/codes"
            assert said(http.post(codes, json={}, headers=me)) == SILENT
            assert said(http.get("/api/v1/citizen/cases", headers=me)) == SILENT
            assert http.get("/metrics").status_code == 200
            valkey.start()
            valkey.wait_ready()
            until(lambda: http.get("/healthz").status_code == 200)
            assert said(http.get("/api/v1/citizen/wallet", headers=me))[0] == 401
    finally:
        valkey.stop()


def test_a_database_that_hangs_keeps_nobody_waiting(tmp_path: Path) -> None:
    valkey, postgres = start_valkey(tmp_path / "valkey"), Postgres()
    try:
        postgres.start()
        url = postgres.url(postgres.migrated())
        with (
            gateway(tmp_path, url, valkey.url) as running,
            httpx.Client(base_url=f"http://127.0.0.1:{running.port}", timeout=40) as http,
        ):
            asked = "/api/v1/public/policy-publicity"
            assert http.get(asked).status_code == 200
            postgres.freeze()
            began = time.monotonic()
            assert said(http.get(asked)) == SILENT
            assert time.monotonic() - began < 15
            assert http.get("/healthz").status_code == 200
            postgres.freeze(still=False)
            until(lambda: http.get(asked).status_code == 200)
    finally:
        postgres.stop()
        valkey.stop()
