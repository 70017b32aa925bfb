"""A store full of logged-in people with wallets: what a province looks like to the hot path."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from backend.exchange.service import ProviderSystem
from backend.identity import sessions
from backend.identity.levels import Level
from backend.province import Province
from backend.sandbox.departments.registry import departments
from backend.store.keyring import BlindIndex, KeyRing
from backend.upstream.signing import SigningKey
from backend.wallet.blobs import Blobs, packed, registry_tag, wallet_key
from backend.wallet.entries import CHINA, Contents
from backend.wallet.merge import merged
from backend.wallet.records import holder_tag, read_answer
from tests.bench.stage import Stage
from tests.bench.wallets import Wallets

_BATCH = 1000
_DRAWN = 1000
# Filling a million takes a while, and the first wallet is to be as fresh as the last.
_AHEAD_S = 3600
_NOWHERE = "http://127.0.0.1:9"


def prepare(stage: Stage) -> None:
    """Make the tables and register the sandbox's departments, none of which will be called."""
    keys = [
        SigningKey.from_seed(f"bench-{number}", bytes([number]) * 32, department.key_alg)
        for number, department in enumerate(departments())
    ]
    stage.prepare(
        [
            department.checked_manifest(_NOWHERE, key.public_base64)
            for department, key in zip(departments(), keys, strict=True)
        ]
    )


def fill(stage: Stage, people: int, tokens: Path, sample: int = 20_000) -> None:
    """Log so many people in and give each a fresh wallet of eight licences.

    Args:
        tokens: gets the access tokens of an even sample of them, one a line.
    """

    async def work() -> None:
        async with stage.province() as province:
            every, number = max(1, people // sample), 0
            with tokens.open("w", encoding="ascii") as file:
                async for token in _filled(province, stage, people):
                    if number % every == 0:
                        file.write(token + "\n")
                    number += 1

    asyncio.run(work())


async def _filled(province: Province, stage: Stage, people: int) -> AsyncIterator[str]:
    issuers = province.exchange.issuers("citizen")
    tag, now = registry_tag(issuers), int(time.time()) + _AHEAD_S
    blobs = Blobs(KeyRing({"bench": stage.key}))
    # Sealing is done for each person; cutting and compressing the same contents again is not.
    drawn = [
        packed(contents, issuers, tag, now)
        for contents in _contents(BlindIndex(stage.key), issuers, now)
    ]
    for start in range(0, people, _BATCH):
        pipeline = province.redis.pipeline(transaction=False)
        for number in range(start, min(start + _BATCH, people)):
            person, session_id = uuid.uuid4(), sessions.new_session_id()
            subject = sessions.subject_of(person)
            token, record = sessions.issue(person, session_id, Level.REAL_NAME)
            blob = blobs.seal(subject, *drawn[number % len(drawn)])
            pipeline.set(sessions.session_key(subject, session_id), record, ex=86400)
            pipeline.set(wallet_key(subject), blob, ex=30 * 86400)
            yield token
        await pipeline.execute()


def _contents(index: BlindIndex, issuers: Sequence[ProviderSystem], now: int) -> Iterator[Contents]:
    by_code = {system.code: system for system in issuers}
    as_of = datetime.fromtimestamp(now, CHINA).isoformat()
    for holder, answers in Wallets(44, list(issuers), as_of).stream(_DRAWN):
        parts = {
            code: read_answer(answer, by_code[code], holder, index, now)
            for code, answer in answers.items()
        }
        yield merged(Contents(), holder_tag(holder, index), parts)
