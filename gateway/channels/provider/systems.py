"""Systems and their revisions: read by whoever is concerned, written by the department."""

from typing import Any

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.catalogue.errors import ItemsRefused
from backend.exchange.errors import AddressRefused, KeyTaken, ManifestRefused
from backend.exchange.service import parse_manifest
from backend.onboarding.errors import (
    CodeTaken,
    ContentDamaged,
    ContentUnchanged,
    CursorInvalid,
    DepartmentDiffers,
    ElementsRefused,
    KeyDiffers,
    KeyEnded,
    KeyProofWrong,
    ReasonMissing,
    RunUnderWay,
    RunUnknown,
    StateConflict,
    SystemUnknown,
)
from backend.operators.service import Role
from gateway.channels.provider.shapes import (
    DEPARTMENT,
    FOUND,
    MANIFEST_LIMIT,
    MOST_REVISIONS,
    MOVED,
    PREFIX,
    READERS,
    ChecksOut,
    ContentOut,
    DiffOut,
    ErrorOut,
    EventList,
    PageIn,
    ReasonIn,
    RevisionList,
    RevisionOut,
    RunList,
    RunOut,
    SystemList,
    SystemOut,
    diff_out,
    event_out,
    number_of,
    revision_out,
    run_id_of,
    run_out,
    system_out,
    tagged,
)
from gateway.edge.access import Staff
from gateway.edge.endpoint import Call, In, endpoint

bp = Blueprint("provider_systems", url_prefix=PREFIX)

_RUNS = Staff(Role.CLERK, Role.HEAD, Role.OPERATOR)


class ManifestIn(In):
    """A manifest as JSON; its schema is published at /manifest-schema.json."""

    manifest: dict[str, Any] = Field(description="see /manifest-schema.json")


class SubmissionIn(In):
    """What comes with a submission."""

    note: str = Field(default="", max_length=1000, description="for the reviewers")
    proofs: dict[str, str] = Field(
        default_factory=dict,
        max_length=8,
        description="key id → base64 of the key's signature over the possession statement: the "
        "lines “shengshitong key possession v1”, “system: …”, “key: …”, “alg: …”, “public: …”",
    )


class AgainstIn(In):
    """With what to compare."""

    against: int | None = Field(
        default=None,
        ge=1,
        le=MOST_REVISIONS,
        description="a revision; what is published when left out",
    )


@endpoint(
    bp, "GET", "", access=READERS, summary="Systems: one's own, or all for the platform",
    query=PageIn, answer=SystemList, errors=(CursorInvalid,),
)  # fmt: skip
async def list_systems(call: Call[None, PageIn]) -> HTTPResponse:
    """By code."""
    page = call.query
    views, following = await call.province.onboarding.views.systems(
        call.officer, page.cursor, page.limit
    )
    return tagged(call, SystemList(items=[system_out(one) for one in views], next_cursor=following))


@endpoint(
    bp, "POST", "", access=DEPARTMENT, summary="Keep a manifest as a new draft",
    body=ManifestIn, answer=RevisionOut, status=201, body_limit=MANIFEST_LIMIT,
    errors=(ManifestRefused, ItemsRefused, DepartmentDiffers, CodeTaken, ContentUnchanged,
            StateConflict),
)  # fmt: skip
async def save(call: Call[ManifestIn, None]) -> RevisionOut:
    """Of a new system or of one that there is; a draft that lay there is given up for it."""
    manifest = parse_manifest(call.body.manifest)
    onboarding = call.province.onboarding
    made = await onboarding.drafts.save(call.officer, manifest)
    detail = await onboarding.views.revision(call.officer, made.system_code, made.number)
    return revision_out(detail.view)


@endpoint(
    bp, "GET", "/<code:str>", access=READERS, summary="One system: what serves, what is under way",
    answer=SystemOut, errors=(SystemUnknown,),
)  # fmt: skip
async def show(call: Call[None, None], code: str) -> HTTPResponse:
    """With an entity tag."""
    return tagged(call, system_out(await call.province.onboarding.views.system(call.officer, code)))


@endpoint(
    bp, "GET", "/<code:str>/history", access=READERS, summary="Who did what, when and why",
    query=PageIn, answer=EventList, errors=(SystemUnknown, CursorInvalid),
)  # fmt: skip
async def history(call: Call[None, PageIn], code: str) -> HTTPResponse:
    """Newest first."""
    page = call.query
    views, following = await call.province.onboarding.views.history(
        call.officer, code, page.cursor, page.limit
    )
    return tagged(call, EventList(items=[event_out(one) for one in views], next_cursor=following))


@endpoint(
    bp, "GET", "/<code:str>/revisions", access=READERS, summary="Revisions of a system",
    query=PageIn, answer=RevisionList, errors=(SystemUnknown, CursorInvalid),
)  # fmt: skip
async def list_revisions(call: Call[None, PageIn], code: str) -> HTTPResponse:
    """Newest first."""
    page = call.query
    views, following = await call.province.onboarding.views.revisions(
        call.officer, code, page.cursor, page.limit
    )
    return tagged(
        call, RevisionList(items=[revision_out(one) for one in views], next_cursor=following)
    )


@endpoint(
    bp, "GET", "/<code:str>/revisions/<number:str>", access=READERS,
    summary="A revision with its manifest", answer=ContentOut, errors=(*FOUND, ContentDamaged),
)  # fmt: skip
async def show_revision(call: Call[None, None], code: str, number: str) -> HTTPResponse:
    """As it was handed in."""
    found = await call.province.onboarding.views.revision(call.officer, code, number_of(number))
    manifest = found.manifest.model_dump(mode="json")
    told = revision_out(found.view).model_dump()
    return tagged(call, ContentOut(**told, note=found.note, manifest=manifest))


@endpoint(
    bp, "GET", "/<code:str>/revisions/<number:str>/diff", access=READERS,
    summary="What a revision changes, and what of it breaks something", query=AgainstIn,
    answer=DiffOut, errors=(*FOUND, ContentDamaged),
)  # fmt: skip
async def diff(call: Call[None, AgainstIn], code: str, number: str) -> HTTPResponse:
    """Against what is published, or against another revision; what breaks is against the former."""
    review, which = call.province.onboarding.review, number_of(number)
    changes = await review.diff(call.officer, code, which, call.query.against)
    return tagged(call, diff_out(changes, await review.breaking(call.officer, code, which)))


@endpoint(
    bp, "GET", "/<code:str>/revisions/<number:str>/checks", access=READERS,
    summary="What keeps a revision from being published", answer=ChecksOut,
    errors=(*FOUND, ContentDamaged),
)  # fmt: skip
async def checks(call: Call[None, None], code: str, number: str) -> ChecksOut:
    """The ten publication checks of every service item, and codes of other systems."""
    onboarding = call.province.onboarding
    found = await onboarding.views.revision(call.officer, code, number_of(number))
    failures = await onboarding.drafts.failures(found.manifest)
    return ChecksOut(errors=[ErrorOut(**one) for one in failures])


@endpoint(
    bp, "POST", "/<code:str>/revisions/<number:str>/submissions", access=DEPARTMENT,
    summary="Hand a draft in for review", body=SubmissionIn, answer=RevisionOut,
    errors=(*MOVED, ContentDamaged, ElementsRefused, AddressRefused, KeyTaken, KeyDiffers,
            KeyEnded, KeyProofWrong),
)  # fmt: skip
async def submit(call: Call[SubmissionIn, None], code: str, number: str) -> RevisionOut:
    """Refused with every element that cannot be published, and why."""
    given, which = call.body, number_of(number)
    await call.province.onboarding.drafts.submit(
        call.officer, code, which, given.note, given.proofs
    )
    return await shown(call, code, which)


@endpoint(
    bp, "POST", "/<code:str>/revisions/<number:str>/withdrawals", access=DEPARTMENT,
    summary="Take a submitted revision back to draft", body=ReasonIn, answer=RevisionOut,
    errors=(*MOVED, ReasonMissing),
)  # fmt: skip
async def withdraw(call: Call[ReasonIn, None], code: str, number: str) -> RevisionOut:
    """From wherever it is before its publication."""
    which = number_of(number)
    await call.province.onboarding.drafts.withdraw(call.officer, code, which, call.body.reason)
    return await shown(call, code, which)


@endpoint(
    bp, "POST", "/<code:str>/revisions/<number:str>/discards", access=DEPARTMENT,
    summary="Give a revision up", answer=RevisionOut, errors=MOVED,
)  # fmt: skip
async def discard(call: Call[None, None], code: str, number: str) -> RevisionOut:
    """Its content stays in the history."""
    which = number_of(number)
    await call.province.onboarding.drafts.discard(call.officer, code, which)
    return await shown(call, code, which)


@endpoint(
    bp, "GET", "/<code:str>/revisions/<number:str>/conformance-runs", access=READERS,
    summary="Runs of the conformance kit", answer=RunList, errors=FOUND,
)  # fmt: skip
async def list_runs(call: Call[None, None], code: str, number: str) -> HTTPResponse:
    """Newest first, with their reports."""
    which = number_of(number)
    found = await call.province.onboarding.examination.list(call.officer, code, which)
    return tagged(call, RunList(items=[run_out(one) for one in found]))


@endpoint(
    bp, "POST", "/<code:str>/revisions/<number:str>/conformance-runs", access=_RUNS,
    summary="Let the platform run the conformance kit against the sandbox address", answer=RunOut,
    status=202, errors=(*MOVED, RunUnderWay),
)  # fmt: skip
async def start_run(call: Call[None, None], code: str, number: str) -> RunOut:
    """Goes on beside this request; look again for its end. A pass makes the revision conformant."""
    onboarding = call.province.onboarding
    return run_out(await onboarding.examination.start(call.officer, code, number_of(number)))


@endpoint(
    bp, "GET", "/<code:str>/conformance-runs/<run_id:str>", access=READERS,
    summary="One run of the conformance kit", answer=RunOut, errors=(SystemUnknown, RunUnknown),
)  # fmt: skip
async def show_run(call: Call[None, None], code: str, run_id: str) -> HTTPResponse:
    """With its report when it has ended."""
    onboarding = call.province.onboarding
    run = await onboarding.examination.get(call.officer, code, run_id_of(run_id))
    return tagged(call, run_out(run))


async def shown(call: Call[Any, Any], code: str, number: int) -> RevisionOut:
    """How a revision stands after an act."""
    found = await call.province.onboarding.views.revision(call.officer, code, number)
    return revision_out(found.view)
