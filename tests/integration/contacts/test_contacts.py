"""服务专员: the nearest of each department, appointed and ended by whoever may."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from backend.audit.models import AuditEntry
from backend.audit.service import Audit
from backend.catalogue.service import Catalogue
from backend.contacts import errors
from backend.contacts.models import ServiceContact, ServiceContactFor
from backend.contacts.service import MOST_LISTED, PLATFORM, Contacts, Wish
from backend.enterprise.records import Enterprise
from backend.exchange.service import Exchange
from backend.numbers.service import make_uscc
from backend.operators.errors import RoleMissing
from backend.operators.service import Officer, Role
from backend.sandbox.departments.registry import department
from backend.store.keyring import KeyRing
from backend.store.redis import Redis
from backend.upstream.connector import Connector
from tests.regions import REGIONS
from tests.sandbox_world import COMPANY, GATEWAY_KEY, USCC

KEYS = KeyRing({"k": bytes(32)})
OPERATOR = Officer(uuid4(), "operator", "运营员", Role.OPERATOR)
MANIFEST = department("shijian").checked_manifest("http://127.0.0.1:1", GATEWAY_KEY.public_base64)
BUREAU = MANIFEST.system.department
OTHER = make_uscc("9", "1", "440106", "MA5TXTX9")


def officer(role: Role, uscc: str = BUREAU.uscc) -> Officer:
    return Officer(uuid4(), role.value, "某人", role, uscc)


def wish(title: str, **more: Any) -> Wish:
    return Wish("林晓岚", title, "020-12345", "年报、变更登记", "工作日 9:00-17:00", **more)


def enterprise(uscc: str = USCC, region: str = "440106", industry: str = "F5212") -> Enterprise:
    named = {"name": "王伟", "id_number": COMPANY.legal_representative.id_number}
    raw = {
        "uscc": uscc, "name": "示范公司", "kind": "enterprise", "status": "存续",
        "legal_representative": named, "region_code": region, "address": "示范路",
        "established_on": date(2015, 3, 2), "registered_capital": None,
        "industry": {"code": industry, "name": "超级市场零售"},
    }  # fmt: skip
    return Enterprise.model_validate(raw)


@pytest.fixture
async def contacts(database: str, redis: Redis) -> AsyncIterator[Contacts]:
    connector = Connector(GATEWAY_KEY)
    exchange = Exchange(connector, Catalogue(REGIONS), redis, allow_private=True)
    await exchange.register(MANIFEST)
    await exchange.reload()
    yield Contacts(KEYS, REGIONS, exchange, Audit(), time.time)
    await connector.close()


async def titles(contacts: Contacts, **of: str) -> list[str]:
    return [one.title for one in await contacts.of(enterprise(**of))]


async def test_the_nearest_of_each_department_comes_first(contacts: Contacts) -> None:
    head = officer(Role.HEAD)
    assert await titles(contacts) == []
    await contacts.appoint(head, wish("全省零售", industry="F"))
    await contacts.appoint(head, wish("广州", region_code="440100"))
    await contacts.appoint(OPERATOR, wish("平台", region_code="440000"))
    assert await titles(contacts) == ["广州", "平台"]
    assert await titles(contacts, region="440304") == ["平台", "全省零售"]
    assert await titles(contacts, region="350203", industry="A01") == []
    await contacts.appoint(head, wish("天河零售", region_code="440106", industry="F52"))
    assert await titles(contacts) == ["天河零售", "平台"]
    assert await titles(contacts, industry="H6210") == ["广州", "平台"]
    await contacts.appoint(OPERATOR, wish("专人", usccs=[USCC.lower(), USCC, ""]))
    assert await titles(contacts) == ["专人", "天河零售"]
    assert await titles(contacts, uscc=OTHER) == ["天河零售", "平台"]
    shown = (await contacts.of(enterprise()))[1]
    assert (shown.department_name, shown.region_name) == (BUREAU.name, "广东省广州市天河区")
    assert (shown.name, shown.phone, shown.helps_with) == ("林晓岚", "020-12345", "年报、变更登记")
    for row in await ServiceContact.all():
        assert "林晓岚".encode() not in row.name
        assert b"12345" not in row.phone


async def test_a_department_sees_and_ends_its_own(contacts: Contacts) -> None:
    mine = await contacts.appoint(officer(Role.HEAD), wish("天河", region_code="440106"))
    theirs = await contacts.appoint(OPERATOR, wish("平台", usccs=[USCC, OTHER]))
    assert [one.id for one in await contacts.all(officer(Role.CLERK))] == [mine.id]
    assert [(one.department_name, one.listed) for one in await contacts.all(OPERATOR)] == [
        (PLATFORM, 2), (BUREAU.name, 0),
    ]  # fmt: skip
    with pytest.raises(errors.ContactUnknown):
        await contacts.end(officer(Role.HEAD), theirs.id)
    await contacts.end(officer(Role.HEAD), mine.id)
    with pytest.raises(errors.ContactUnknown):
        await contacts.end(officer(Role.HEAD), mine.id)
    assert await titles(contacts) == ["平台"]
    await contacts.end(OPERATOR, theirs.id)
    assert await ServiceContactFor.all().count() == 0
    actions = [row.action for row in await AuditEntry.all().order_by("id")]
    assert actions == ["contacts.appointed"] * 2 + ["contacts.ended"] * 2


async def test_one_is_changed_and_stays_of_its_department(contacts: Contacts) -> None:
    head = officer(Role.HEAD)
    made = await contacts.appoint(head, wish("天河", usccs=[USCC, OTHER]))
    assert (await contacts.get(head, made.id))[1] == sorted([USCC, OTHER])
    wider = replace(wish("天河越秀", usccs=[OTHER]), phone="020-54321")
    changed = await contacts.change(OPERATOR, made.id, wider)
    assert (changed.id, changed.department_name, changed.listed) == (made.id, BUREAU.name, 1)
    assert await titles(contacts) == []
    shown = (await contacts.of(enterprise(uscc=OTHER)))[0]
    assert (shown.title, shown.phone) == ("天河越秀", "020-54321")
    with pytest.raises(errors.ContactInvalid):
        await contacts.change(head, made.id, wish("谁也不服务"))
    with pytest.raises(RoleMissing):
        await contacts.change(officer(Role.CLERK), made.id, wider)
    with pytest.raises(errors.ContactUnknown):
        await contacts.change(
            officer(Role.HEAD, make_uscc("1", "1", "440000", "MB9X0999")), made.id, wider
        )
    await contacts.end(head, made.id)
    with pytest.raises(errors.ContactUnknown):
        await contacts.change(head, made.id, wider)
    actions = [row.action for row in await AuditEntry.all().order_by("id")]
    assert actions == ["contacts.appointed", "contacts.changed", "contacts.ended"]


@pytest.mark.parametrize(
    "more",
    [
        {}, {"region_code": "449999"}, {"region_code": "44"}, {"industry": "Z1"},
        {"usccs": ["91440300MA5ABCD19X"]}, {"usccs": [OTHER + str(n) for n in range(501)]},
    ],
    ids=["nobody", "no region", "no code", "no industry", "no enterprise", "too many"],
)  # fmt: skip
async def test_what_is_for_nobody_is_refused(contacts: Contacts, more: dict[str, Any]) -> None:
    assert MOST_LISTED == 500
    with pytest.raises(errors.ContactInvalid):
        await contacts.appoint(OPERATOR, wish("某岗", **more))


async def test_no_more_than_a_department_needs(
    contacts: Contacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.contacts.service.MOST_OPEN", 1)
    await contacts.appoint(officer(Role.HEAD), wish("天河", region_code="440106"))
    with pytest.raises(errors.TooManyContacts):
        await contacts.appoint(officer(Role.HEAD), wish("越秀", region_code="440104"))


async def test_others_appoint_nobody(contacts: Contacts) -> None:
    for who in (officer(Role.CLERK), officer(Role.AUDIT_ADMIN)):
        with pytest.raises(RoleMissing):
            await contacts.appoint(who, wish("某岗", region_code="440106"))
    with pytest.raises(RoleMissing):
        await contacts.all(officer(Role.AUDIT_ADMIN))
