"""What the kit asks: about the test subjects of the manifest, and about people who do not exist."""

import base64
import copy
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from backend.conformance import applications
from backend.exchange.manifest import Manifest
from backend.exchange.manifest_conformance import HolderSubject, PersonSubject, Subjects
from backend.numbers.service import make_id_number, make_identifier, make_uscc

ENTERPRISE = "001"
BY_IDENTIFIER = "licences.get"
NOBODY = "查无此人"
OTHER_NAME = "不是此人"
NO_CODE = "NOSUCHCODE-0000"
MOST_SUBJECTS = 8


@dataclass(frozen=True, slots=True)
class Question:
    """A request about a subject.

    Attributes:
        about: which subject, in Chinese and without its number: ``第 1 个持证主体``.
        subject: as the manifest has it; None for one who does not exist.
        topic: the section or the data resource that is asked for.
    """

    about: str
    payload: dict[str, Any]
    subject: Any = None
    topic: str = ""


def questions(manifest: Manifest, subjects: Subjects, operation: str) -> list[Question]:
    """Everything to ask about the subjects."""
    ask = _ASK.get(operation)
    return list(ask(manifest, subjects))[: 3 * MOST_SUBJECTS] if ask else []


def about_nobody(manifest: Manifest, operation: str) -> list[Question]:
    """The same about somebody who does not exist (one question for each kind of holder)."""
    if operation == BY_IDENTIFIER:
        kinds = manifest.licence_types[:1]
        uscc = manifest.system.department.uscc
        made = [make_identifier(kind.code, uscc, "NOSUCHLICENCE") for kind in kinds]
        return [by_identifier("不存在的证照", each) for each in made]
    return questions(manifest, _nobody(manifest), operation)


def by_identifier(about: str, identifier: str, licence: Any = None) -> Question:
    """A question for one licence; ``licence`` is what is expected."""
    return Question(about, {"licence_identifier": identifier}, licence)


def misnamed(question: Question) -> dict[str, Any]:
    """The question with a name that does not fit the number."""
    payload = copy.deepcopy(question.payload)
    for named in (payload.get("holder"), *payload.get("subjects", ()), payload):
        if isinstance(named, dict) and "name" in named:
            named["name"] = OTHER_NAME
    return payload


def _nobody(manifest: Manifest) -> Subjects:
    # A county that never was, and the last sequence number of a day more than a century ago.
    number = make_id_number("440199", date(1901, 2, 3), 979)
    uscc = make_uscc("9", "1", "440199", "MA0NNXX0")
    kinds = {kind.holder_code_type for kind in manifest.licence_types}
    kinds |= {ENTERPRISE if s.audience == "enterprise" else "111" for s in manifest.sections}
    kinds |= {kind for spec in manifest.data_resources for kind in spec.subject_code_types}
    holders = [
        HolderSubject(code_type=kind, code=uscc if kind == ENTERPRISE else number, name=NOBODY)
        for kind in sorted(kinds or {"111"})
    ]
    return Subjects.model_validate(
        {
            "holders": [holder.model_dump() for holder in holders],
            "persons": [{"name": NOBODY, "id_type": "111", "id_number": number}],
            "enterprises": [{"uscc": uscc, "licence_code": NO_CODE}],
        }
    )


def _holder(subject: HolderSubject) -> dict[str, str]:
    return {"code_type": subject.code_type, "code": subject.code, "name": subject.name}


def _licences(manifest: Manifest, subjects: Subjects) -> Iterator[Question]:
    kinds = {kind.holder_code_type for kind in manifest.licence_types}
    for nth, subject in enumerate(subjects.holders, start=1):
        if subject.code_type in kinds:
            payload = {"holder": _holder(subject), "types": None}
            yield Question(f"第 {nth} 个持证主体", payload, subject)


def _sections(manifest: Manifest, subjects: Subjects) -> Iterator[Question]:
    for section in manifest.sections:
        enterprise = section.audience == "enterprise"
        fitting = [
            (nth, subject)
            for nth, subject in enumerate(subjects.holders, start=1)
            if (subject.code_type == ENTERPRISE) == enterprise
        ]
        named = [(nth, subject) for nth, subject in fitting if section.code in subject.sections]
        for nth, subject in (named or fitting)[:2]:
            payload = {"section": section.code, "holder": _holder(subject)}
            about = f"第 {nth} 个持证主体的板块 {section.code}"
            yield Question(about, payload, subject, section.code)


def _resources(manifest: Manifest, subjects: Subjects) -> Iterator[Question]:
    for resource in manifest.data_resources:
        if not resource.shared:
            continue
        fitting = [s for s in subjects.holders if s.code_type in resource.subject_code_types]
        named = [subject for subject in fitting if resource.code in subject.resources]
        chosen = (named or fitting)[:MOST_SUBJECTS]
        if chosen:
            yield Question(
                f"数据资源 {resource.code}",
                resource_query(manifest, resource.code, chosen),
                chosen,
                resource.code,
            )


def resource_query(
    manifest: Manifest, code: str, subjects: list[HolderSubject], fields: list[str] | None = None
) -> dict[str, Any]:
    """A query of a data resource, as the platform passes one on."""
    spec = manifest.data_resource(code)
    names = [item.name for item in spec.items] if spec else []
    return {
        "resource": code,
        "request_id": "00000000-0000-4000-8000-000000000000",
        "purpose": "接入符合性核验",
        "legal_basis": "政务数据共享条例第二十二条",
        "case_no": None,
        "caller": {"system": manifest.system.code, "uscc": manifest.system.department.uscc},
        "fields": names if fields is None else fields,
        "subjects": [_holder(subject) for subject in subjects],
        "cursor": None,
        "limit": 200,
    }


def _match(manifest: Manifest, subjects: Subjects) -> Iterator[Question]:
    for nth, person in enumerate(subjects.persons, start=1):
        payload = {"name": person.name, "id_type": person.id_type, "id_number": person.id_number}
        yield Question(f"第 {nth} 个自然人", payload, person)


def _face(manifest: Manifest, subjects: Subjects) -> Iterator[Question]:
    for nth, person in enumerate(subjects.persons, start=1):
        if person.expect == "match":
            yield Question(f"第 {nth} 个自然人", {**_named(person), "image": picture()}, person)
            return


def _represented(manifest: Manifest, subjects: Subjects) -> Iterator[Question]:
    for nth, person in enumerate(subjects.persons, start=1):
        yield Question(f"第 {nth} 个自然人", _named(person), person)


def _enterprise(manifest: Manifest, subjects: Subjects) -> Iterator[Question]:
    for nth, enterprise in enumerate(subjects.enterprises, start=1):
        yield Question(f"第 {nth} 个经营主体", {"uscc": enterprise.uscc}, enterprise)


def licence_code(code: str, again: str = "") -> dict[str, str]:
    """A look at a code of an electronic business licence; ``again`` makes it another request."""
    return {
        "request_id": str(uuid5(NAMESPACE_URL, f"conformance:licence:{code}:{again}")),
        "code": code,
    }


def _licence_codes(manifest: Manifest, subjects: Subjects) -> Iterator[Question]:
    for nth, enterprise in enumerate(subjects.enterprises, start=1):
        if enterprise.licence_code is not None:
            yield Question(
                f"第 {nth} 个经营主体", licence_code(enterprise.licence_code), enterprise
            )


def _application(operation: str) -> Callable[[Manifest, Subjects], Iterator[Question]]:
    def ask(manifest: Manifest, subjects: Subjects) -> Iterator[Question]:
        for subject in subjects.cases[:1]:
            yield Question("第 1 个办件", applications.payload(subject, operation), subject)

    return ask


def payment(subject: HolderSubject, entitlement_no: str, again: str = "") -> dict[str, Any]:
    """An instruction of 0 fen: it moves no money."""
    return {
        "request_id": str(uuid5(NAMESPACE_URL, f"conformance:payment:{entitlement_no}:{again}")),
        "entitlement_no": entitlement_no,
        "policy_code": "conformance",
        "policy_title": "接入符合性核验",
        "period": "once",
        "amount_fen": 0,
        "beneficiary": _holder(subject),
        "account": {"bank": "核验", "number": "6222000000000001", "name": subject.name},
    }


def _payments(manifest: Manifest, subjects: Subjects) -> Iterator[Question]:
    number = str(uuid5(NAMESPACE_URL, f"conformance:entitlement:{manifest.system.code}"))
    for subject in subjects.holders[:1]:
        yield Question("第 1 个持证主体", payment(subject, number), subject)


def _notices(manifest: Manifest, subjects: Subjects) -> Iterator[Question]:
    for subject in subjects.cases[:1]:
        yield Question("第 1 个办件", applications.notice(manifest, subject), subject)


def _named(person: PersonSubject) -> dict[str, str]:
    return {"name": person.name, "id_number": person.id_number}


def can_ask(operation: str) -> bool:
    """Whether the kit knows what to ask of an operation; what it does not know it leaves alone."""
    return operation in _ASK


_ASK: dict[str, Callable[[Manifest, Subjects], Iterator[Question]]] = {
    "identity.match": _match,
    "identity.face": _face,
    "licences.query": _licences,
    # Identifiers are learnt from the answers of ``licences.query``: a renewal makes another.
    BY_IDENTIFIER: lambda manifest, subjects: iter(()),
    "sections.query": _sections,
    "enterprises.represented": _represented,
    "enterprises.get": _enterprise,
    "enterprises.licence_code": _licence_codes,
    "resources.query": _resources,
    "payments.submit": _payments,
    "supervision.notice": _notices,
    **{name: _application(name) for name in applications.NUMBERS},
}


@cache
def picture(side: int = 96) -> str:
    """A grey square as PNG in base64: a picture, and nobody's."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    rows = (b"\0" + b"\x80" * side) * side
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    raw = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    raw += chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return base64.b64encode(raw).decode()
