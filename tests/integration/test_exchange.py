"""Registration and authentication of provincial systems, on both backings."""

import copy
import time
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY

from backend.catalogue.errors import ItemsRefused
from backend.catalogue.service import Catalogue, CatalogueQuery
from backend.exchange.errors import (
    SIGNATURE_ERRORS,
    AddressRefused,
    KeyTaken,
    SignatureDigestWrong,
    SignatureExpired,
    SignatureInvalid,
    SignatureKeyRevoked,
    SignatureKeyUnknown,
    SignatureMalformed,
    SignatureMissing,
    SignatureReplayed,
    SignatureWrong,
)
from backend.exchange.manifest import Manifest, parse_manifest
from backend.exchange.models import RegisteredSystem
from backend.exchange.service import Exchange
from backend.store.redis import Redis
from backend.upstream.addresses import Addresses
from backend.upstream.connector import Connector
from backend.upstream.signing import SigningKey, sign_request
from tests.regions import REGIONS

KEY = SigningKey.from_seed("gd-test-1", b"s" * 32)
GATEWAY = SigningKey.from_seed("gateway-1", b"g" * 32)
BODY = b'{"notice_id":"1"}'


def manifest(**system: Any) -> Manifest:
    raw: dict[str, Any] = {
        "manifest_version": 2,
        "system": {
            "code": "gd-test",
            "name": "广东省测试厅政务服务系统",
            "short_name": "测试厅",
            "department": {"code": "test", "name": "广东省测试厅", "uscc": "11440000MB9X00015F"},
            "region_code": "440000",
            "level": 2,
            "hotline": "020-12345",
        },
        "endpoints": {
            "sandbox": {"base_url": "http://127.0.0.1:18190"},
            "production": {"base_url": "http://127.0.0.1:18190"},
        },
        "keys": [{"id": KEY.key_id, "alg": "ed25519", "public": KEY.public_base64}],
        "operations": {"sections.query": {"path": "/v1/sections/query", "timeout_ms": 1000}},
        "sections": [
            {
                "code": "test", "title": "测试", "audience": "citizen", "min_level": 3,
                "timeout_ms": 1000, "fresh_s": 60, "order": 1,
            }
        ],
    }  # fmt: skip
    changed = copy.deepcopy(raw)
    for path, value in system.items():
        place = changed
        *above, last = path.split("__")
        for step in above:
            place = place[step]
        place[last] = value
    return parse_manifest(changed)


def make_exchange(redis: Redis, allow_private: bool = True) -> Exchange:
    return Exchange(
        Connector(GATEWAY, addresses=Addresses(allow_private=True)),
        Catalogue(REGIONS),
        redis,
        allow_private,
    )


@pytest.fixture
async def exchange(database: str, redis: Redis) -> Exchange:
    return make_exchange(redis)


async def test_a_registered_system_is_known_to_every_worker(
    exchange: Exchange, redis: Redis
) -> None:
    other = make_exchange(redis)
    assert not await other.reload()
    assert await exchange.register(manifest())
    assert await other.reload()
    assert [system.code for system in other.with_operation("sections.query")] == ["gd-test"]
    assert [spec.code for _, spec in other.sections("citizen")] == ["test"]
    assert other.issuers("citizen") == []
    assert not await other.reload()


async def test_the_same_manifest_again_changes_nothing_and_another_replaces_it(
    exchange: Exchange,
) -> None:
    await exchange.register(manifest())
    assert not await exchange.register(manifest())
    assert await exchange.register(manifest(system__short_name="检验厅"))
    await exchange.reload()
    system = exchange.system("gd-test")
    assert system is not None
    assert system.short_name == "检验厅"
    row = await RegisteredSystem.get(code="gd-test")
    assert row.revision == 2


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.1.1", "localhost", "a.internal"]
)
async def test_outside_the_sandbox_a_private_address_is_refused(
    database: str, redis: Redis, host: str
) -> None:
    strict = make_exchange(redis, allow_private=False)
    with pytest.raises(AddressRefused):
        await strict.register(manifest(endpoints__production={"base_url": f"http://{host}:8080"}))
    public = {"base_url": "https://api.example.gov.cn"}
    assert await strict.register(manifest(endpoints__production=public))


async def test_a_registration_of_an_older_database_is_still_served(exchange: Exchange) -> None:
    new = manifest().model_dump(mode="json")
    old = {name: value for name, value in new.items() if name != "endpoints"}
    old |= {"manifest_version": 1, "endpoint": new["endpoints"]["production"]}
    await RegisteredSystem.create(code="gd-test", digest="-", revision=7, manifest=old)
    assert await exchange.reload()
    system = exchange.system("gd-test")
    assert system is not None
    assert system.target.base_url == "http://127.0.0.1:18190"


async def test_a_bad_service_item_keeps_the_whole_registration_out(exchange: Exchange) -> None:
    with pytest.raises(ItemsRefused):
        await exchange.register(manifest(service_items=[{"task_name": "没有要素的事项"}]))
    assert await RegisteredSystem.all().count() == 0
    listed = await Catalogue(REGIONS).list(CatalogueQuery())
    assert listed.total == 0


async def test_a_key_id_of_another_system_cannot_be_taken(exchange: Exchange) -> None:
    await exchange.register(manifest())
    await exchange.reload()
    with pytest.raises(KeyTaken):
        await exchange.register(manifest(system__code="gd-thief"))


async def call(exchange: Exchange, headers: dict[str, str], body: bytes = BODY) -> str:
    path = "/api/v1/provider/licence-notices"
    return (await exchange.authenticate("POST", path, "", headers, body)).code


def signed(key: SigningKey = KEY) -> dict[str, str]:
    return sign_request(key, "POST", "/api/v1/provider/licence-notices", "", BODY)


@pytest.fixture
async def registered(exchange: Exchange) -> Exchange:
    await exchange.register(manifest())
    await exchange.reload()
    return exchange


async def test_a_registered_system_is_known_by_its_signature(registered: Exchange) -> None:
    assert await call(registered, signed()) == "gd-test"


async def test_an_unsigned_call_is_refused(registered: Exchange) -> None:
    with pytest.raises(SignatureMissing):
        await call(registered, {})


@pytest.mark.parametrize(
    ("headers", "body", "error"),
    [
        (signed, BODY + b" ", SignatureDigestWrong),
        (lambda: signed(SigningKey.from_seed("nobody", b"n" * 32)), BODY, SignatureKeyUnknown),
        (lambda: signed(SigningKey.from_seed(KEY.key_id, b"n" * 32)), BODY, SignatureWrong),
        (lambda: {**signed(), "signature": "sst=1"}, BODY, SignatureMalformed),
    ],
)
async def test_each_way_to_be_wrong_has_its_own_code(
    registered: Exchange,
    headers: Callable[[], dict[str, str]],
    body: bytes,
    error: type[SignatureInvalid],
) -> None:
    with pytest.raises(SignatureInvalid) as caught:
        await call(registered, headers(), body)
    assert type(caught.value) is error


def test_no_two_reasons_share_a_code_or_a_sentence() -> None:
    assert len({error.code for error in SIGNATURE_ERRORS.values()}) == 8
    assert len({error.detail for error in SIGNATURE_ERRORS.values()}) == 8


async def test_an_expired_signature_is_refused(
    registered: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("backend.upstream.signing.time.time", lambda: time.time_ns() / 1e9 - 301)
        headers = signed()
    with pytest.raises(SignatureExpired):
        await call(registered, headers)


async def test_a_revoked_key_opens_nothing_on_any_worker_at_once(
    registered: Exchange, redis: Redis
) -> None:
    other = make_exchange(redis)
    await other.reload()
    await other.revoke_key(KEY.key_id)
    with pytest.raises(SignatureKeyRevoked):
        await call(registered, signed())
    system = registered.system("gd-test")
    assert system is not None
    assert KEY.key_id in system.target.keys
    assert await registered.reload()
    system = registered.system("gd-test")
    assert system is not None
    assert KEY.key_id not in system.target.keys
    with pytest.raises(SignatureKeyRevoked):
        await call(registered, signed())


async def test_an_sm2_key_opens_too_and_both_overlap(exchange: Exchange) -> None:
    newer = SigningKey.from_seed("gd-test-2", b"t" * 32, "sm2")
    keys = [{"id": key.key_id, "alg": key.alg, "public": key.public_base64} for key in (KEY, newer)]
    await exchange.register(manifest(keys=keys))
    await exchange.reload()
    assert await call(exchange, signed()) == "gd-test"
    assert await call(exchange, signed(newer)) == "gd-test"


async def test_what_is_refused_at_the_door_is_counted_by_reason(registered: Exchange) -> None:
    before = refused_so_far("digest")
    with pytest.raises(SignatureDigestWrong):
        await call(registered, signed(), b"other")
    assert refused_so_far("digest") == before + 1


def refused_so_far(reason: str) -> float:
    return REGISTRY.get_sample_value("sst_signatures_refused_total", {"reason": reason}) or 0.0


async def test_a_replay_is_refused_on_every_worker(registered: Exchange, redis: Redis) -> None:
    headers = signed()
    await call(registered, headers)
    other = make_exchange(redis)
    await other.reload()
    with pytest.raises(SignatureReplayed):
        await call(other, headers)
