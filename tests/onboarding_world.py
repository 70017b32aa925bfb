"""A province in which systems join: real stores, officers of every role, a kit that a test sets."""

import base64
import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Any

from backend.audit.service import Audit
from backend.catalogue.service import Catalogue
from backend.exchange.manifest import Manifest, parse_manifest
from backend.exchange.service import Exchange, Key
from backend.onboarding.service import Onboarding, RevisionView, statement
from backend.operators.models import OperatorAccount, officer_context
from backend.operators.roles import State
from backend.operators.service import Officer, Operators, Role
from backend.settings import Settings
from backend.store.ids import uuid7
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import Redis
from backend.upstream.addresses import IPNetwork
from backend.upstream.connector import Connector
from backend.upstream.signing import SigningKey
from tests.catalogue_items import full_item
from tests.regions import REGIONS

USCC = "11440000MB9X00015F"
OTHER_USCC = "11440000MB9X00111Q"
CODE = "gd-ceshi"
FORM: dict[str, Any] = {
    "schema": {
        "type": "object",
        "required": ["purpose"],
        "properties": {
            "purpose": {"type": "string", "title": "用途", "enum": ["就业", "留学"]},
            "copies": {"type": "integer", "title": "份数"},
        },
    }
}


def signing_key(key_id: str = "gd-ceshi-1") -> SigningKey:
    """A fresh Ed25519 key of that id."""
    return SigningKey.from_seed(key_id, token_bytes(32))


def declared(key: SigningKey) -> dict[str, str]:
    """The key as a manifest names it."""
    return {"id": key.key_id, "alg": "ed25519", "public": key.public_base64}


def proof(key: SigningKey, code: str = CODE) -> str:
    """A proof of possession."""
    text = statement(code, Key.model_validate(declared(key)))
    return base64.b64encode(key.sign(text)).decode()


def document(key: SigningKey, code: str = CODE, uscc: str = USCC) -> dict[str, Any]:
    """A manifest as a department writes it: a licence type, a section, an item with a form."""
    here = {"base_url": "https://zwfw.ceshi.example/api"}
    return {
        "manifest_version": 2,
        "system": {
            "code": code, "name": "测试厅政务服务系统", "short_name": "测试厅",
            "department": {"code": "ceshi", "name": "测试厅", "uscc": uscc},
            "region_code": "440000", "level": 2, "hotline": "020-12345",
        },
        "endpoints": {"sandbox": {"base_url": "https://test.ceshi.example"}, "production": here},
        "keys": [declared(key)],
        "operations": {
            "licences.query": {"path": "/v1/licences/query", "timeout_ms": 1200},
            "sections.query": {"path": "/v1/sections/query", "timeout_ms": 1200},
        },
        "licence_types": [
            {
                "code": f"{uscc}001", "name": "测试证", "audience": "citizen",
                "holder_code_type": "111", "definer": {"name": "测试厅", "code": uscc},
                "min_level": 3, "hue": "teal", "trust_grade": "A", "number_label": "证号",
                "freshness": {"fresh_s": 10, "stale_s": 20, "hard_s": 30},
                "fields": [{"name": "address", "label": "住址", "sensitive": True}],
            }
        ],
        "sections": [
            {
                "code": f"{code}-section", "title": "测试板块", "audience": "citizen",
                "min_level": 3, "timeout_ms": 1000, "fresh_s": 60, "order": 10,
            }
        ],
        "service_items": [full_item(form=FORM)],
    }  # fmt: skip


def changed(raw: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """A copy with other parts: ``limits={"concurrency": 3}``."""
    return copy.deepcopy(raw) | parts


@dataclass
class Kit:
    """Stands in for the conformance kit: what it says next, and what it was asked."""

    passes: bool = True
    breaks: bool = False
    asked: list[Manifest] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """As a report says it."""
        return self.passes

    def as_dict(self) -> dict[str, Any]:
        """As a report says it."""
        return {"passed": self.passes, "checks": []}

    async def __call__(self, manifest: Manifest) -> "Kit":
        """Examine."""
        self.asked.append(manifest)
        if self.breaks:
            raise OSError
        return self


@dataclass
class World:
    """Everything that a test of onboarding needs."""

    onboarding: Onboarding
    exchange: Exchange
    catalogue: Catalogue
    operators: Operators
    kit: Kit
    key: SigningKey
    clerk: Officer
    head: Officer
    stranger: Officer
    operator: Officer
    second_operator: Officer
    security: Officer
    administrator: Officer

    @property
    def raw(self) -> dict[str, Any]:
        """The usual manifest."""
        return document(self.key)

    async def save(self, raw: dict[str, Any] | None = None) -> int:
        """A draft; returns its number."""
        manifest = parse_manifest(self.raw if raw is None else raw)
        return (await self.onboarding.drafts.save(self.clerk, manifest)).number

    async def submit(self, raw: dict[str, Any] | None = None) -> int:
        """A submitted revision with its proof."""
        number = await self.save(raw)
        proofs = {self.key.key_id: proof(self.key)}
        await self.onboarding.drafts.submit(self.clerk, CODE, number, "", proofs)
        return number

    async def approve_addresses(self) -> None:
        """Every address that waits."""
        for address in await self.onboarding.addresses.list(self.security, CODE):
            if address.state == "pending":
                await self.onboarding.addresses.approve(self.security, CODE, address.origin)

    async def to_sandbox(self, raw: dict[str, Any] | None = None, **acceptance: Any) -> int:
        """A revision that was approved."""
        number = await self.submit(raw)
        await self.approve_addresses()
        await self.onboarding.review.take(self.operator, CODE, number)
        await self.onboarding.review.approve(self.operator, CODE, number, **acceptance)
        return number

    async def to_conformant(self, raw: dict[str, Any] | None = None, **acceptance: Any) -> int:
        """A revision that passed the kit."""
        number = await self.to_sandbox(raw, **acceptance)
        await self.onboarding.examination.run(self.clerk, CODE, number)
        return number

    async def publish(self, raw: dict[str, Any] | None = None, **acceptance: Any) -> int:
        """A published revision, known to this worker's exchange."""
        number = await self.to_conformant(raw, **acceptance)
        await self.onboarding.review.publish(self.operator, CODE, number)
        await self.exchange.reload()
        return number

    async def revision(self, number: int) -> RevisionView:
        """How a revision stands."""
        return (await self.onboarding.views.revision(self.operator, CODE, number)).view

    async def notices(self, officer: Officer) -> list[str]:
        """The kinds of an officer's notices, the latest first."""
        return [one.kind for one in (await self.operators.notices(officer)).notices]


async def make_world(
    redis: Redis, allow_private: bool = False, networks: Sequence[IPNetwork] = ()
) -> World:
    """A world on the opened database."""
    keyring = KeyRing({"k1": token_bytes(32)})
    settings = Settings(
        keyring={"k1": token_bytes(32)}, index_key=token_bytes(32), signing_key=token_bytes(32)
    )
    catalogue, audit = Catalogue(REGIONS), Audit()
    operators = Operators(redis, keyring, BlindIndex(token_bytes(32)), audit, settings)
    exchange = Exchange(
        Connector(signing_key("gateway")), catalogue, redis, allow_private, networks=networks
    )
    kit = Kit()
    made = [
        await officer(keyring, *who)
        for who in (
            ("clerk", Role.CLERK, USCC),
            ("head", Role.HEAD, USCC),
            ("stranger", Role.CLERK, OTHER_USCC),
            ("operator", Role.OPERATOR),
            ("second", Role.OPERATOR),
            ("secadmin", Role.SECURITY_ADMIN),
            ("sysadmin", Role.SYSTEM_ADMIN),
        )
    ]
    onboarding = Onboarding(exchange, catalogue, operators, audit, kit)
    return World(onboarding, exchange, catalogue, operators, kit, signing_key(), *made)


async def officer(keyring: KeyRing, username: str, role: Role, uscc: str | None = None) -> Officer:
    """An account that gets notices."""
    made = uuid7()
    await OperatorAccount.create(
        id=made, username=username, name=keyring.seal_text(username, officer_context(made, "name")),
        role=role, department_uscc=uscc, state=State.ACTIVE, password_hash="-",
    )  # fmt: skip
    return Officer(made, username, username, role, uscc)
