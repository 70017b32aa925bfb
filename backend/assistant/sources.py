"""What the assistant may answer from: sources, each with its paragraphs, and the page it stands on.

A source is a guide of the catalogue, a published policy, or a question about the platform. Whatever
an answer says, cites or opens is taken from here; texts are data, whoever wrote them.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["guide", "policy", "faq"]
Side = Literal["citizen", "enterprise"]

KIND_NAMES: dict[Kind, str] = {"guide": "办事指南", "policy": "政策", "faq": "常见问题"}


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph.

    Attributes:
        about: what it is about, a word of ``intents.ABOUT``, or ``faq`` or ``text``.
        section: heading under which it stands on its page.
        question: only where it answers one.
    """

    about: str
    section: str
    text: str
    question: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Something that can be cited.

    Attributes:
        id: ``guide:<task code>``, ``policy:<code>`` or ``faq:<id>``.
        names: how people call it, the title first; also: what else it answers, as people ask.
        page: where it stands in the mini-program, empty where it has no page.
        form: where its form begins, empty where it cannot be applied for here.
        sides: whom it serves.
        regions: where it is offered; empty is everywhere.
        department: who answers for it; uscc: by number, empty for the platform's own.
    """

    id: str
    kind: Kind
    title: str
    names: tuple[str, ...]
    passages: tuple[Passage, ...]
    page: str = ""
    form: str = ""
    sides: tuple[Side, ...] = ("citizen", "enterprise")
    regions: tuple[str, ...] = ()
    department: str = ""
    uscc: str = ""
    hot: bool = False
    also: tuple[str, ...] = ()
