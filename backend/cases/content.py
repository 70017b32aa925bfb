"""What an application holds: who applies, what was filled in and where it comes from, materials."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID

from backend.catalogue.service import Offer
from backend.numbers.service import Holder

How = Literal["licence", "upload", "promised", "commitment", "shared", "result", "none"]
ForKind = Literal["self", "child", "relative", "enterprise"]
RELATIONS: Mapping[str, str] = {
    "guardian": "监护人", "relative": "受托亲属", "representative": "法定代表人",
    "agent": "企业授权的经办人",
}  # fmt: skip
TOLERATED = "容缺后补"
NOT_NEEDED = "非必要"


@dataclass(frozen=True, slots=True)
class Agent:
    """Who acts for the applicant; ``proof`` is what the right to act rests on.

    Attributes:
        grant: of the enterprise that they act for, whose applications are counted; only where the
            right was looked at a moment ago, it is not kept.
    """

    holder: Holder
    relation: str
    proof: str
    grant: UUID | None = None

    def as_payload(self) -> dict[str, Any]:
        """As the provider interface takes it."""
        return {
            "holder": self.holder.as_payload(), "relation": self.relation, "proof": self.proof,
        }  # fmt: skip


@dataclass(slots=True)
class Content:
    """The sealed part of a draft or a case.

    Attributes:
        subject: tag of the applicant's wallet; about: how the audit calls them.
        provenance: JSON pointer → source, source_name, licence, as_of, grade, signed.
        materials: code → how it is supplied, and what goes with that.
        asked: of a supplement, the items of the department's notice.
        parts: of a 一件事, the steps that were chosen.
    """

    applicant: Holder
    subject: str
    about: str
    agent: Agent | None
    values: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, dict[str, Any]] = field(default_factory=dict)
    materials: dict[str, dict[str, Any]] = field(default_factory=dict)
    phone: str | None = None
    delivery: dict[str, Any] | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """To be sealed."""
        agent = self.agent
        return {
            "applicant": _triple(self.applicant), "subject": self.subject, "about": self.about,
            "agent": [_triple(agent.holder), agent.relation, agent.proof] if agent else None,
            "values": self.values, "provenance": self.provenance, "materials": self.materials,
            "phone": self.phone, "delivery": self.delivery, "asked": self.asked,
            "parts": self.parts,
        }  # fmt: skip

    @classmethod
    def of_json(cls, raw: Mapping[str, Any]) -> "Content":
        """As it was unsealed."""
        agent = raw["agent"]
        return cls(
            applicant=Holder(*raw["applicant"]), subject=raw["subject"], about=raw["about"],
            agent=Agent(Holder(*agent[0]), agent[1], agent[2]) if agent else None,
            values=raw["values"], provenance=raw["provenance"], materials=raw["materials"],
            phone=raw["phone"], delivery=raw["delivery"], asked=raw["asked"],
            parts=raw.get("parts", []),
        )  # fmt: skip

    def fill(self, values: Mapping[str, Any]) -> None:
        """Take in what was typed; a field that gets another value loses where it came from."""
        for name, value in values.items():
            pointer = f"/{name}"
            if value is None:
                self.values.pop(name, None)
                self.provenance.pop(pointer, None)
                continue
            if self.values.get(name) != value:
                self.provenance.pop(pointer, None)
            self.values[name] = value

    def form_for(self, offer: Offer) -> dict[str, Any]:
        """The values that count."""
        return offer.filling.counted(self.values) if offer.filling is not None else {}

    def provenance_of(self, form: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Where the values of a form come from, as the department is told."""
        names = ("source", "licence", "as_of", "grade", "signed")
        return {
            pointer: {name: found[name] for name in names if found.get(name) is not None}
            for pointer, found in self.provenance.items()
            if pointer[1:] in form
        }


def _triple(holder: Holder) -> list[str]:
    return [holder.code_type, holder.code, holder.name]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A material that an item asks for.

    Attributes:
        need: 必要, 非必要 or 容缺后补.
        ways: how it can be supplied, the least work first.
        commitment: the text that may be agreed to in its place.
        from_step: of a 一件事: the earlier step whose result it is; nobody has to supply it.
    """

    code: str
    name: str
    need: str
    explain: str
    ways: tuple[How, ...]
    licence_type: str | None = None
    commitment: str = ""
    from_step: str = ""

    def lacks(self, supplied: Mapping[str, Any] | None) -> bool:
        """Whether it still has to be supplied."""
        if self.need == NOT_NEEDED or self.from_step or "shared" in self.ways:
            return False
        return not is_supplied(supplied)


def is_supplied(supplied: Mapping[str, Any] | None) -> bool:
    """Whether something was chosen, and, where files are needed, is there."""
    how = (supplied or {}).get("how", "none")
    if how == "upload":
        return bool((supplied or {}).get("files"))
    return bool(how != "none")


def wanted_by(offer: Offer) -> list[Wanted]:
    """The materials of an item: ``m1``, ``m2``… in its order, or codes that they bring along."""
    return [
        _wanted(raw.get("code", f"m{place}"), raw)
        for place, raw in enumerate(offer.elements["materials"], 1)
    ]


def _wanted(code: str, raw: Mapping[str, Any]) -> Wanted:
    explain = "；".join(filter(None, (raw["fill_explain"], raw["accept_stand"])))
    return Wanted(
        code=code, name=raw["material_name"], need=raw["is_need"], explain=explain,
        ways=tuple(_ways(raw)), licence_type=raw["licence_type_code"],
        commitment=raw.get("commitment", ""), from_step=raw.get("from_step", ""),
    )  # fmt: skip


def _ways(raw: Mapping[str, Any]) -> Iterator[How]:
    if raw.get("from_step"):
        yield "result"
        return
    if raw["exempt_by_share"]:
        yield "shared"
    if raw["licence_type_code"]:
        yield "licence"
    yield "upload"
    if raw["is_need"] == TOLERATED:
        yield "promised"
    if raw.get("commitment"):
        yield "commitment"


def is_late(asked: Sequence[Mapping[str, Any]]) -> bool:
    """Whether it is about materials that were promised, not about a notice of correction."""
    return bool(asked) and all(one.get("due_on") for one in asked)


def wanted_again(wanted: Sequence[Wanted], asked: Sequence[Mapping[str, Any]]) -> list[Wanted]:
    """The materials that a notice of correction names, which now have to be there in full.

    Where it names something that is no material of the item, any material may be supplied again.
    What was promised (items with a ``due_on``) is handed in one by one, as it is at hand.
    """
    named = {one["material"] for one in asked if one["material"]}
    known = {one.code for one in wanted}
    later = is_late(asked)
    needed = [
        replace(
            one, need=TOLERATED if later else "必要",
            ways=tuple(way for way in one.ways if way not in ("shared", "promised")),
        )
        for one in wanted
        if one.code in named
    ]  # fmt: skip
    if named <= known and named:
        return needed
    rest = [replace(one, need=NOT_NEEDED) for one in wanted if one.code not in named]
    return [*needed, *rest]
