"""``enterprise_home``: the page of an enterprise, cached against a bare Sanic hello, and cold.

Cached: one page that its owner opened a moment ago, read again and again; the page is opened anew
by the gateway itself when its minute is over, and those requests count too. Cold: owners who come
from the list of their enterprises, so that the register's word is known, and of whose enterprise
nothing else is; the sandbox departments answer with latencies of 30 to 80 ms.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from statistics import median

import httpx

from backend.exchange.service import Manifest, load_manifest
from backend.identity import sessions
from backend.identity.levels import Level
from backend.numbers.service import parse_id_number
from backend.sandbox.population.generator import households
from backend.sandbox.population.people import Enterprise
from tests.bench.home_cold import LATENCIES_MS, control, departments
from tests.bench.report import Report
from tests.bench.stage import Stage, stage
from tests.bench.wallet_read import turn_on

ROUNDS, SESSIONS, COLD = 5, 200, 40
TARGET, MOST_EXTRA_MS = 0.4, 20.0
_PHONES = count()
PAGES = "/api/v1/enterprise/enterprises"


@dataclass(frozen=True, slots=True)
class Owner:
    """A session of somebody who represents an enterprise."""

    token: str
    uscc: str

    @property
    def header(self) -> dict[str, str]:
        """Of a request."""
        return {"authorization": f"Bearer {self.token}"}


def run() -> Report:
    """Measure."""
    with stage() as place, departments(place):
        manifests = _of_enterprises(place)
        place.prepare(manifests)
        first, *others = _owners()
        extra = _cold(place, manifests, _log_in(place, others[:COLD]))
        for manifest in manifests:
            control(_host(manifest), "PUT", "latency", {"median_ms": 1, "sigma": 0})
        busy = _log_in(place, [first], SESSIONS)
        tokens = place.folder / "tokens"
        tokens.write_text("\n".join(one.token for one in busy), "ascii")
        with place.gateway() as ours, place.bare() as bare:
            url = f"{place.url}{PAGES}/{first.uscc}"
            rounds = []
            for _ in range(ROUNDS):
                _open(place, busy[0])
                hello = turn_on(bare, place.bare_url, tokens)
                rounds.append((hello, turn_on(ours, url, tokens)))
    ratio = median(page.per_cpu_s / hello.per_cpu_s for hello, page in rounds)
    refused = sum(page.load.refused for _, page in rounds)
    return Report(
        value=median(page.per_cpu_s for _, page in rounds),
        unit="req/s of CPU",
        ratio=ratio,
        of="bare_sanic",
        met=ratio >= TARGET and extra <= MOST_EXTRA_MS and not refused,
        details={
            "bare": round(median(hello.per_cpu_s for hello, _ in rounds)),
            "refused": refused,
            "cold_beyond_slowest_ms": round(extra, 1),
        },
    )


def _cold(place: Stage, manifests: list[Manifest], owners: list[Owner]) -> float:
    """Median time of a page beyond that of the slowest system, in ms."""
    for number, manifest in enumerate(manifests):
        order = {"median_ms": LATENCIES_MS[number % len(LATENCIES_MS)], "sigma": 0}
        control(_host(manifest), "PUT", "latency", order)
    took = []
    with place.gateway(), httpx.Client(base_url=place.url, timeout=10) as client:
        for owner in owners:
            listed = client.get(PAGES, headers=owner.header)
            assert listed.status_code == 200, listed.text
            started = time.perf_counter()
            answer = client.get(f"{PAGES}/{owner.uscc}", headers=owner.header)
            took.append((time.perf_counter() - started) * 1000)
            assert answer.status_code == 200, answer.text
    return median(took) - max(LATENCIES_MS[: len(manifests)])


def _open(place: Stage, owner: Owner) -> None:
    """Twice: the first fills what the page is made of, the second keeps the page."""
    for _ in range(2):
        answer = httpx.get(f"{place.url}{PAGES}/{owner.uscc}", headers=owner.header, timeout=10)
        assert answer.status_code == 200, answer.text


def _of_enterprises(place: Stage) -> list[Manifest]:
    """The systems that have something of enterprises, without their catalogues."""
    found = []
    for path in sorted((place.folder / "manifests").glob("*")):
        manifest = load_manifest(path)
        sections = [each for each in manifest.sections if each.audience == "enterprise"]
        kinds = [each for each in manifest.licence_types if each.audience == "enterprise"]
        register = any("enterprises" in name for name in manifest.operations)
        if sections or kinds or register:
            reduced = {"sections": sections, "licence_types": kinds, "service_items": []}
            found.append(manifest.model_copy(update=reduced))
    return found


def _host(manifest: Manifest) -> str:
    return manifest.endpoints.production.base_url


def _owners() -> list[Enterprise]:
    """Enterprises in business, each of somebody else."""

    def stream() -> Iterator[Enterprise]:
        seen: set[str] = set()
        for household in households(1, 2000, 300):
            for one in household.enterprises:
                number = one.legal_representative.id_number
                if one.status == "存续" and number not in seen:
                    seen.add(number)
                    yield one

    return list(islice(stream(), COLD + 1))


def _log_in(place: Stage, chosen: list[Enterprise], devices: int = 1) -> list[Owner]:
    """Sessions by face of the owners, on so many devices each."""

    async def work() -> list[Owner]:
        found: list[Owner] = []
        async with place.province() as province:
            accounts = province.identity._parts.accounts
            for enterprise in chosen:
                who = enterprise.legal_representative
                account = await accounts.make_for_phone(f"+86139{next(_PHONES):08d}")
                await accounts.claim(account.id, who.name, parse_id_number(who.id_number))
                await accounts.raise_level(account.id, Level.FACE)
                subject = sessions.subject_of(account.id)
                for _ in range(devices):
                    session_id = sessions.new_session_id()
                    token, record = sessions.issue(account.id, session_id, Level.FACE)
                    await province.redis.set(sessions.session_key(subject, session_id), record)
                    found.append(Owner(token, enterprise.uscc))
        return found

    return asyncio.run(work())
