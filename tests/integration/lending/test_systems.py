"""GB/T 36906 on real stores: under a grant that was applied for, each refusal, both logs."""

import dataclasses
import uuid
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from backend.errors import DomainError
from backend.exchange.service import FACE_WIDTH, ProviderSystem
from backend.lending.errors import (
    HolderHasNone,
    IdentifierInvalid,
    IdentifierUnknown,
    LicenceTypeUnknown,
    SourceSilent,
)
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
from backend.wallet.service import IdentifierNotOffered, LicenceStatus, china_day
from tests.identity_world import LI, NOBODY, ZHANG
from tests.lending_world import LendingWorld, holder_of
from tests.sharing_world import officer
from tests.wallet_world import record

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


def alone(here: LendingWorld, **changes: Any) -> dict[str, Any]:
    """What asks by the identifier alone, of the licence as it is or as it was changed."""
    return {
        "holder": None, "type_code": None,
        "identifier": record(here.issuer.manifest, **changes)["licence_identifier"],
    }  # fmt: skip


async def test_by_identifier_alone_and_its_holder_reads_it(here: LendingWorld) -> None:
    made = await grant(here, "sex")
    assert await data(here, **alone(here)) == [{"sex": "男"}]
    await here.presentations.drain()
    (usage,) = (await here.presentations.usages(here.owner.subject, None, None)).usages
    assert (usage.verifier_id, usage.grant_id) == ("gd-gongan", made.id)
    await here.sharing.drain()
    (reading,) = (await here.sharing.readings_of(holder_of(ZHANG), None, None)).readings
    assert (reading.result, reading.case_no) == ("read", "440000202611230001")
    # Whom nobody has heard of gets no wallet by being asked about.
    assert await here.wallet.known(here.owner.subject, usage.licence_id) is None


async def test_a_joint_licence_is_read_by_all_its_holders(here: LendingWorld) -> None:
    await grant(here, "sex")
    both = [holder_of(ZHANG), holder_of(LI)]
    code, name = ("^".join(getattr(one, part) for one in both) for part in ("code", "name"))
    here.issuer.licences = [
        record(here.issuer.manifest, holder_code=code, holder_name=name, holder_code_type="111^111")
    ]
    assert await data(here, **alone(here)) == [{"sex": "男"}]
    await here.presentations.drain()
    await here.sharing.drain()
    for session, holder in ((here.owner, both[0]), (here.friend, both[1])):
        assert len((await here.presentations.usages(session.subject, None, None)).usages) == 1
        assert len((await here.sharing.readings_of(holder, None, None)).readings) == 1


async def test_by_identifier_alone_searched_verified_and_as_a_file(here: LendingWorld) -> None:
    await grant(here)
    systems, by = here.lending.systems, system(here)
    (found,) = await systems.search(by, ask(here, **alone(here)), ADDRESS, TRACE)
    assert (found.card.licence.number, found.facts) == ("粤20260001234567", [])
    _, matches = await systems.verify(
        by, ask(here, **alone(here)), {"holder_name": ZHANG.name}, ADDRESS, TRACE
    )
    assert matches == {"holder_name": True}
    _, drawn = await systems.file(by, ask(here, **alone(here)), ADDRESS, TRACE)
    checked = await here.lending.copies.check_file(sha256(drawn).hexdigest())
    assert (checked.state, checked.holder) == ("valid", "张**")


async def test_what_overtook_the_issuers_answer_counts(here: LendingWorld) -> None:
    """The notice of a withdrawal is known already when an older answer comes."""
    await grant(here, "sex")
    await here.card()
    await here.notice(status="REVOKED")
    here.issuer.revision, here.issuer.licences = 1, [
        record(here.issuer.manifest, holder=holder_of(ZHANG))
    ]  # fmt: skip
    (found,) = await here.lending.systems.search(
        system(here), ask(here, **alone(here)), ADDRESS, TRACE
    )
    assert found.card.status is LicenceStatus.REVOKED


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"identifier": "1.2.156"}, IdentifierInvalid),
        ({"type_code": "1" * 21}, IdentifierInvalid),
        ({"number": "x"}, IdentifierUnknown),
        ({"fields": ["address"]}, FieldNotGranted),
        ({"use_for": "别的用途"}, PurposeDiffers),
        ({"address": "10.9.9.9"}, AddressNotAllowed),
        ({"by": "issuer-1"}, GrantMissing),
    ],
)
async def test_what_is_refused_by_identifier(
    here: LendingWorld, changes: dict[str, Any], refusal: type[DomainError]
) -> None:
    await grant(here, "sex", addresses=["10.1.2.0/24"])
    with pytest.raises(refusal):
        await data(here, **{**alone(here), **changes})
    await here.presentations.drain()
    assert not (await here.presentations.usages(here.owner.subject, None, None)).usages


async def test_what_an_issuer_answers_is_held_against_the_grant(here: LendingWorld) -> None:
    """A company's number is none of the kinds that the grant is about, another licence is none."""
    await grant(here, "sex")
    joint = {
        "holder_code": f"{ZHANG.id_number}^91440300MA5ABCD19W", "holder_name": f"{ZHANG.name}^公司",
    }  # fmt: skip
    for changes, refusal in (
        ({"holder_code_type": "111^001", **joint}, SubjectKindWrong),
        ({"serial": "20260000000002"}, SourceSilent),
        ({"holder_name": "张建国^李晓雯"}, SourceSilent),
        ({"licence_type_code": "1" * 21}, SourceSilent),
    ):
        here.issuer.astray = record(here.issuer.manifest, holder=holder_of(ZHANG), **changes)
        with pytest.raises(refusal):
            await data(here, **alone(here))
    here.issuer.astray, here.issuer.mode = None, "fail"
    with pytest.raises(SourceSilent):
        await data(here, **alone(here))


async def test_another_version_is_another_identifier(here: LendingWorld) -> None:
    await grant(here, "sex")
    with pytest.raises(IdentifierUnknown):
        await data(here, **alone(here, version="002"))


async def test_an_identifier_counts_once_and_belongs_to_its_request(here: LendingWorld) -> None:
    await grant(here, "sex", daily_quota=1)
    request = str(uuid.uuid4())
    await data(here, request_id=request, **alone(here))
    await data(here, request_id=request, **alone(here))
    with pytest.raises(RequestReused):
        await data(here, request_id=request, **alone(here, serial="20260000000002"))
    with pytest.raises(QuotaUsedUp):
        await data(here, **alone(here))


async def test_an_issuer_need_not_answer_by_identifier(here: LendingWorld) -> None:
    await grant(here, "sex")
    plain = here.issuer.manifest
    operations = {k: v for k, v in plain.operations.items() if k != "licences.get"}
    await here.identity.exchange.register(plain.model_copy(update={"operations": operations}))
    await here.identity.exchange.reload()
    with pytest.raises(IdentifierNotOffered):
        await data(here, **alone(here))
    assert await data(here) == [{"sex": "男"}]


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
    for asked in (here.lending.systems.file, here.lending.systems.thumbnail):
        with pytest.raises(FieldNotGranted):
            await asked(system(here), ask(here), ADDRESS, TRACE)


async def test_a_thumbnail_is_a_small_picture_and_stands_in_the_log(here: LendingWorld) -> None:
    await grant(here)
    given, drawn = await here.lending.systems.thumbnail(system(here), ask(here), ADDRESS, TRACE)
    with Image.open(BytesIO(drawn)) as picture:
        assert picture.format == "PNG"
        assert picture.width < FACE_WIDTH
    await here.presentations.drain()
    page = await here.presentations.usages(here.owner.subject, None, None)
    assert [usage.id for usage in page.usages] == [uuid.UUID(given.receipt_id)]
