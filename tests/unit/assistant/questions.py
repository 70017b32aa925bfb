"""The question set, and all sources of the sandbox to ask it of."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from backend.assistant.faqs import faq_source, faqs
from backend.assistant.guides import guide_source
from backend.assistant.library import place_names
from backend.assistant.rules import policy_source
from backend.assistant.sources import Side, Source
from backend.catalogue.items import published
from backend.policies.document import Policy, read_document
from backend.regions.service import Regions
from backend.sandbox.departments.registry import departments
from tests.catalogue_items import shipped


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks, in which channel, and the sources that answer it, if any does."""

    text: str
    side: Side
    wanted: frozenset[str]


@cache
def sources() -> tuple[Source, ...]:
    """Guides, policies and questions as a province of the sandbox has them."""
    found = [guide_source(published(spec).model_dump(mode="json")) for spec in shipped()]
    for one in departments():
        for raw in one.policies:
            policy = Policy(read_document(raw), one.code)
            found.append(policy_source(policy, one.code))
    return (*found, *(faq_source(faq) for faq in faqs()))


@cache
def places() -> tuple[str, ...]:
    """Names of provinces and cities."""
    return tuple(place_names(Regions()))


@cache
def questions() -> tuple[Question, ...]:
    """All of them."""
    raw = yaml.safe_load(Path(__file__).with_name("questions.yaml").read_text("utf-8"))
    return tuple(_read(raw))


def _read(raw: dict[str, Any]) -> Iterator[Question]:
    by_name = {f"guide:{one.title}": one.id for one in sources() if one.kind == "guide"}
    known = {one.id for one in sources()}
    sides: tuple[Side, ...] = ("citizen", "enterprise")
    for side in sides:
        for text, wanted in raw[side]:
            ids = {by_name.get(name, name) for name in wanted.split("|")}
            assert ids <= known, ids - known
            yield Question(text, side, frozenset(ids))
    for text in raw["none"]:
        yield Question(text, "citizen", frozenset())
