"""What the assistant says: paragraphs with their sources, what to choose from, what to open."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from backend.assistant.sources import Kind, Source


@dataclass(frozen=True, slots=True)
class Citation:
    """A paragraph that is quoted; ``number`` is what stands in brackets behind what rests on it."""

    number: int
    kind: Kind
    title: str
    section: str
    text: str
    page: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A part of an answer, and the citations on which it rests."""

    heading: str
    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """What can be done next.

    Attributes:
        kind: ``page`` opens ``page``, ``form`` opens where a draft begins and submits nothing,
            ``call`` dials ``phone``, ``person`` hands the conversation over after a question.
    """

    kind: Literal["page", "form", "call", "person"]
    label: str
    page: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A matter that may be meant."""

    number: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Related:
    """Another source that fits."""

    kind: Kind
    title: str
    page: str


@dataclass(frozen=True, slots=True)
class Said:
    """One answer.

    Attributes:
        kind: ``answer``, ``choices`` (asks back) or ``unknown``.
        lead: the sentence that comes first.
        worded_by: ``excerpt`` where the paragraphs are quoted as they stand, else ``model``.
        source: what was answered from, or None.
        offered: what the choices stand for, in their order.
    """

    kind: Literal["answer", "choices", "unknown"]
    lead: str
    paragraphs: Sequence[Paragraph] = ()
    citations: Sequence[Citation] = ()
    actions: Sequence[Action] = ()
    choices: Sequence[Choice] = ()
    related: Sequence[Related] = ()
    worded_by: Literal["excerpt", "model"] = "excerpt"
    source: Source | None = None
    offered: Sequence[str] = ()

    @property
    def text(self) -> str:
        """All of it in plain text, for the transcript."""
        lines = [self.lead, *(f"{one.heading}：{one.text}" for one in self.paragraphs)]
        lines += [f"{one.number}. {one.title}" for one in self.choices]
        return "\n".join(lines)
