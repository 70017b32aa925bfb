"""GB/T 36906 on real stores: under a grant that was applied for, each refusal, both logs."""

import dataclasses
import uuid
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from backend.errors import DomainError
from backend.exchange.service import ProviderSystem
from backend.lending.errors import HolderHasNone, LicenceTypeUnknown, SourceSilent
from backend.lending.service import Ask
from backend.operators.service import Role
from backend.presentation.errors import LicenceNotValid
from backend.sharing.errors import (
    AddressNotAllowed,
    FieldNotGranted,
    GrantMissing,
    GrantRevoked,
    ModeNotOffered,
    PurposeDiffers,
    QuotaUsedUp,
    RequestReused,
    SubjectKindWrong,
)
from backend.sharing.service import Query, ShareGrant, Wish
from backend.upstream.deadline import Deadline
from backend.wallet.service import china_day
from tests.identity_world import NOBODY, ZHANG
from tests.lending_world import LendingWorld, holder_of
from tests.sharing_world import officer

PURPOSE, ADDRESS = "办理户口登记时核验证照", "10.1.2.3"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def system(here: LendingWorld, code: str = "gd-gongan") -> ProviderSystem:
    found = here.identity.exchange.system(code)
    assert found is not None
    return found


def ask(here: LendingWorld, **changes: Any) -> Ask:
    plain = Ask(
        request_id=str(uuid.uuid4()), use_for=PURPOSE, org_name="示范派出所", username="王警官",
        item_name="户口登记", item_code="440109001000", business_code="440000202611230001",
        holder=holder_of(ZHANG), type_code=here.issuer.manifest.licence_types[0].code,
    )  # fmt: skip
    return dataclasses.replace(plain, **changes)


async def grant(here: LendingWorld, *fields: str, **changes: Any) -> ShareGrant:
    """Take an application for the licence type all the way."""
    kind = here.issuer.manifest.licence_types[0].code
    resource = here.sharing.catalogue.of_licence_type(kind).spec
    mine = system(here).manifest.system.department.uscc
    theirs = here.issuer.manifest.system.department.uscc
    wish = Wish(
        system="gd-gongan", resource=resource.code,
        fields=list(fields) or [item.name for item in resource.items], purpose=PURPOSE,
        legal_basis="《中华人民共和国户口登记条例》第三条", scenario="户口登记", mode="interface",
        case_bound=True, daily_quota=100, addresses=[],
        valid_until=china_day(int(here.clock())) + timedelta(days=300),
    )  # fmt: skip
    applications = here.sharing.applications
    made = await applications.draft(officer(Role.CLERK, mine), dataclasses.replace(wish, **changes))
    await applications.submit(officer(Role.CLERK, mine), made.row.id)
    await applications.approve(officer(Role.HEAD, mine), made.row.id)
    await applications.approve(officer(Role.OPERATOR), made.row.id)
    await applications.consent(officer(Role.HEAD, theirs), made.row.id)
    await here.sharing.reload()
    return await ShareGrant.get(application_id=made.row.id)


async def data(here: LendingWorld, **changes: Any) -> list[dict[str, Any]]:
    address = changes.pop("address", ADDRESS)
    by = system(here, changes.pop("by", "gd-gongan"))
    found = await here.lending.systems.data(by, ask(here, **changes), address, TRACE)
    return [{fact.name: fact.value for fact in each.facts} for each in found]


async def test_granted_facts_alone_and_the_holder_reads_it(here: LendingWorld) -> None:
    made = await grant(here, "holder_name", "sex")
    assert await data(here) == [{"holder_name": ZHANG.name, "sex": "男"}]
    assert await data(here, fields=["sex"]) == [{"sex": "男"}]
    await here.presentations.drain()
    page = await here.presentations.usages(here.owner.subject, None, None)
    newest = page.usages[0]
    assert (newest.verifier_id, newest.grant_id) == ("gd-gongan", made.id)
    assert newest.verifier.endswith("（示范派出所）")
    assert newest.purpose == f"{PURPOSE}（户口登记 440000202611230001，用证人：王警官）"
    assert len(page.usages) == 2
    assert "查看了您的第1证" in (await here.told(here.owner))[0]
    await here.sharing.drain()
    readings = await here.sharing.readings_of(holder_of(ZHANG), None, None)
    assert len(readings.readings) == 2


async def test_a_search_hands_out_no_fact_and_a_verification_none(here: LendingWorld) -> None:
    await grant(here, "sex")
    systems = here.lending.systems
    (found,) = await systems.search(system(here), ask(here), ADDRESS, TRACE)
    assert found.facts == []
    _, matches = await systems.verify(system(here), ask(here), {"sex": "女"}, ADDRESS, TRACE)
    assert matches == {"sex": False}
    _, matches = await systems.verify(system(here), ask(here), {"sex": "男"}, ADDRESS, TRACE)
    assert matches == {"sex": True}
    with pytest.raises(FieldNotGranted):
        await systems.verify(system(here), ask(here), {"address": "x"}, ADDRESS, TRACE)


async def test_by_identifier_or_number(here: LendingWorld) -> None:
    await grant(here, "sex")
    card = await here.card()
    assert await data(here, identifier=card.licence.identifier, number=card.licence.number)
    for changes in ({"identifier": "1.2.156"}, {"number": "x"}):
        with pytest.raises(HolderHasNone):
            await data(here, **changes)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"type_code": "1" * 21}, LicenceTypeUnknown),
        ({"use_for": "别的用途"}, PurposeDiffers),
        ({"fields": ["address"]}, FieldNotGranted),
        ({"holder": holder_of(NOBODY)}, HolderHasNone),
        ({"holder": dataclasses.replace(holder_of(ZHANG), code_type="001")}, SubjectKindWrong),
        ({"address": "10.9.9.9"}, AddressNotAllowed),
        ({"by": "issuer-1"}, GrantMissing),
    ],
)
async def test_what_is_refused(
    here: LendingWorld, changes: dict[str, Any], refusal: type[DomainError]
) -> None:
    await grant(here, "sex", addresses=["10.1.2.0/24"])
    with pytest.raises(refusal):
        await data(here, **changes)
    await here.presentations.drain()
    page = await here.presentations.usages(here.owner.subject, None, None)
    assert not page.usages


async def test_quota_repetition_revocation_and_silence(here: LendingWorld) -> None:
    made = await grant(here, "sex", daily_quota=2)
    request = str(uuid.uuid4())
    await data(here, request_id=request)
    await data(here, request_id=request)
    with pytest.raises(RequestReused):
        await data(here, request_id=request, business_code="别的办件")
    await here.wallet.forget(here.owner.subject)
    here.issuer.mode = "fail"
    with pytest.raises(SourceSilent):
        await data(here)
    with pytest.raises(QuotaUsedUp):
        await data(here)
    mine = system(here).manifest.system.department.uscc
    await here.sharing.grants.revoke(officer(Role.HEAD, mine), made.id, "不再需要")
    with pytest.raises(GrantRevoked):
        await data(here)


async def test_licences_are_no_plain_resource(here: LendingWorld) -> None:
    made = await grant(here, "sex")
    query = Query(str(uuid.uuid4()), PURPOSE, "1", None, [holder_of(ZHANG).as_payload()])
    with pytest.raises(ModeNotOffered):
        await here.sharing.query(
            system(here), made.resource_code, query, ADDRESS, TRACE, Deadline.after(5)
        )
    found = {kind.code: code for kind, _, code in here.lending.systems.types()}
    assert found[here.issuer.manifest.licence_types[0].code] == made.resource_code


async def test_a_file_is_a_copy_for_this_case_that_can_be_verified(here: LendingWorld) -> None:
    await grant(here)
    systems = here.lending.systems
    _, drawn = await systems.file(system(here), ask(here), ADDRESS, TRACE)
    assert drawn.startswith(b"%PDF-")
    digest = sha256(drawn).hexdigest()
    checked = await here.lending.copies.check_file(digest)
    assert (checked.state, checked.recipient, checked.holder) == ("valid", "示范派出所", "张**")
    await here.notice(status="CANCELLED")
    assert (await here.lending.copies.check_file(digest)).state == "licence_invalid"
    with pytest.raises(LicenceNotValid):
        await systems.file(system(here), ask(here), ADDRESS, TRACE)


async def test_a_file_needs_every_field(here: LendingWorld) -> None:
    await grant(here, "sex")
    with pytest.raises(FieldNotGranted):
        await here.lending.systems.file(system(here), ask(here), ADDRESS, TRACE)
