"""智能客服: ask, choose what was meant, hand the conversation over to a person.

What people type is theirs: it is neither logged nor kept longer than the conversation.
"""

from dataclasses import asdict
from typing import Any, Literal

from pydantic import Field

from backend.assistant.errors import (
    AskedTooOften,
    ChoiceUnknown,
    ConversationUnknown,
    LibraryUnavailable,
    NothingAsked,
)
from backend.assistant.service import EXAMPLES, GREETING, KIND_NAMES, Replied
from backend.consultation.errors import TooManyOpen
from backend.consultation.service import KINDS
from backend.regions.errors import RegionCodeInvalid, RegionUnknown
from gateway.channels.doors import Shared, entered
from gateway.edge.endpoint import Call, In, Out

TALK, HANDING_OVER = Shared(), Shared()
WAITS_S = 12.0
_ID = r"^([A-Za-z0-9_-]{16})?$"


class OpeningOut(Out):
    """What is said first."""

    greeting: str
    examples: list[str]
    by_model: bool = Field(description="a language model words the answers, which is shown")


class QuestionIn(In):
    """A question in everyday words; without a conversation a new one begins."""

    text: str = Field(min_length=1, max_length=200, examples=["孩子上户口要带什么材料"])
    conversation_id: str = Field(default="", pattern=_ID)


class ChoiceIn(In):
    """Which of the matters was meant."""

    number: int = Field(ge=1, le=9)


class HandOverIn(In):
    """Where the matter is, and what else there is to say."""

    region_code: str = Field(max_length=12, examples=["440106"])
    words: str = Field(default="", max_length=500)


class ParagraphOut(Out):
    """A part of the answer and the numbers of the citations on which it rests."""

    heading: str
    text: str
    citations: list[int]


class CitationOut(Out):
    """A paragraph of a guide, a policy or a question, as it stands there."""

    number: int
    kind: Literal["guide", "policy", "faq"]
    kind_name: str = Field(examples=["办事指南"])
    title: str
    section: str = Field(examples=["需要什么材料"])
    text: str
    page: str = Field(description="where it stands in the mini-program; empty without a page")


class ActionOut(Out):
    """What can be done next; ``form`` begins a draft and submits nothing."""

    kind: Literal["page", "form", "call", "person"]
    label: str
    page: str
    phone: str


class ChoiceOut(Out):
    """A matter that may be meant."""

    number: int
    title: str
    text: str


class RelatedOut(Out):
    """Something else that fits."""

    kind: Literal["guide", "policy", "faq"]
    kind_name: str
    title: str
    page: str


class SaidOut(Out):
    """One answer: quoted with its sources, a question back, or that it is not known."""

    conversation_id: str
    kind: Literal["answer", "choices", "unknown"]
    lead: str
    paragraphs: list[ParagraphOut]
    citations: list[CitationOut]
    actions: list[ActionOut]
    choices: list[ChoiceOut]
    related: list[RelatedOut]
    worded_by: Literal["excerpt", "model"]


class HandedOverOut(Out):
    """The ticket that was made of the conversation."""

    ticket_no: str
    workdays: int = Field(description="in which a department answers, once it has the ticket")


@TALK.endpoint("GET", "", summary="What the assistant says first", answer=OpeningOut)
async def opening(call: Call[None, None], uscc: str = "") -> OpeningOut:
    """Greeting and examples."""
    await entered(call, uscc)
    assistant = call.province.assistant
    assistant.look()
    examples = EXAMPLES["enterprise" if uscc else "citizen"]
    return OpeningOut(greeting=GREETING, examples=list(examples), by_model=assistant.by_model)


@TALK.endpoint(
    "POST", "/questions", summary="Ask the assistant", body=QuestionIn, answer=SaidOut,
    errors=(AskedTooOften, LibraryUnavailable),
)  # fmt: skip
async def ask(call: Call[QuestionIn, None], uscc: str = "") -> SaidOut:
    """An answer with its sources, or several matters to choose from, or that it is not known."""
    enterprise = await entered(call, uscc)
    replied = await call.province.assistant.ask(
        call.session, call.body.text, call.body.conversation_id, enterprise, call.deadline(WAITS_S)
    )
    return _said(replied)


@TALK.endpoint(
    "POST", "/conversations/<conversation_id:str>/choice", summary="Say which matter was meant",
    body=ChoiceIn, answer=SaidOut,
    errors=(ConversationUnknown, ChoiceUnknown, AskedTooOften, LibraryUnavailable),
)  # fmt: skip
async def choose(call: Call[ChoiceIn, None], conversation_id: str, uscc: str = "") -> SaidOut:
    """The answer to what was asked before, for the matter that was chosen."""
    enterprise = await entered(call, uscc)
    replied = await call.province.assistant.choose(
        call.session, call.body.number, conversation_id, enterprise, call.deadline(WAITS_S)
    )
    return _said(replied)


@HANDING_OVER.endpoint(
    "POST", "/conversations/<conversation_id:str>/handover",
    summary="Hand the conversation over to a person", body=HandOverIn, answer=HandedOverOut,
    status=201,
    errors=(ConversationUnknown, NothingAsked, TooManyOpen, RegionCodeInvalid, RegionUnknown),
)  # fmt: skip
async def hand_over(
    call: Call[HandOverIn, None], conversation_id: str, uscc: str = ""
) -> HandedOverOut:
    """A consultation with the transcript; the conversation ends with it."""
    enterprise = await entered(call, uscc)
    body = call.body
    ticket = await call.province.assistant.hand_over(
        call.session, conversation_id, body.region_code, body.words, enterprise
    )
    return HandedOverOut(ticket_no=ticket.ticket_no, workdays=KINDS[ticket.kind].workdays)


def _said(replied: Replied) -> SaidOut:
    said = replied.said

    def named(one: Any) -> dict[str, Any]:
        return {**asdict(one), "kind_name": KIND_NAMES[one.kind]}

    return SaidOut(
        conversation_id=replied.conversation_id, kind=said.kind, lead=said.lead,
        paragraphs=[
            ParagraphOut(heading=one.heading, text=one.text, citations=list(one.citations))
            for one in said.paragraphs
        ],
        citations=[CitationOut(**named(one)) for one in said.citations],
        actions=[ActionOut(**asdict(one)) for one in said.actions],
        choices=[ChoiceOut(**asdict(one)) for one in said.choices],
        related=[RelatedOut(**named(one)) for one in said.related],
        worded_by=said.worded_by,
    )  # fmt: skip
