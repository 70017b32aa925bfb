"""Questions about the platform itself, from ``faqs.yaml``."""

from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.assistant.sources import Passage, Source

Line = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class Faq(BaseModel):
    """One question, other ways to ask it, and the answer."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
    topic: Line
    question: Line
    also: tuple[Line, ...] = ()
    answer: Annotated[str, Field(min_length=10, max_length=500)]
    page: Annotated[str, StringConstraints(pattern=r"^(/[a-z]+){2,3}$|^$")] = ""


@cache
def faqs() -> tuple[Faq, ...]:
    """All of them, as the file has them."""
    path = Path(__file__).with_name("faqs.yaml")
    return tuple(Faq.model_validate(one) for one in yaml.safe_load(path.read_text("utf-8")))


def faq_source(faq: Faq) -> Source:
    """One of them as a source."""
    return Source(
        id=f"faq:{faq.id}",
        kind="faq",
        title=faq.question,
        names=(faq.question, *faq.also),
        passages=(Passage("faq", faq.topic, faq.answer, faq.question),),
        page=faq.page,
    )
