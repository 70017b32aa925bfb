"""智能客服: answers from guides, policies and questions, asks back, hands over to a person.

The only module of the package that others import.
"""

import asyncio
from dataclasses import dataclass

from backend.assistant.answering import CALL, PERSON, answer_from, behind, told, unknown
from backend.assistant.conversations import Conversation, Conversations
from backend.assistant.errors import (
    AskedTooOften,
    ChoiceUnknown,
    ConversationUnknown,
    NothingAsked,
)
from backend.assistant.index import Index
from backend.assistant.intents import is_only_about
from backend.assistant.library import Library
from backend.assistant.ranking import rank
from backend.assistant.shapes import Action, Choice, Citation, Paragraph, Related, Said
from backend.assistant.sources import KIND_NAMES, Side
from backend.assistant.wording import reworded
from backend.consultation.service import Consultations, Question, Ticket
from backend.enterprise.service import Enterprise
from backend.identity.service import Identity, Session
from backend.store.keyring import KeyRing
from backend.store.redis import Redis
from backend.store.tries import Mark, Rule, Tries
from backend.upstream.deadline import Deadline
from backend.upstream.model import Model

__all__ = [
    "EXAMPLES",
    "GREETING",
    "KIND_NAMES",
    "Action",
    "Assistant",
    "Choice",
    "Citation",
    "Library",
    "Paragraph",
    "Related",
    "Replied",
    "Said",
]

GREETING = "您好，我是省事通的智能客服。请用平常的话说您想办什么、想知道什么。"
EXAMPLES: dict[Side, tuple[str, ...]] = {
    "citizen": (
        "孩子上户口要带什么材料", "身份证丢了去哪里补", "异地就医怎么备案", "八十岁老人有什么补贴",
    ),
    "enterprise": (
        "招了新员工社保怎么加", "食品经营许可证要到期了", "小微企业有什么补贴", "公司怎么变更法人",
    ),
}  # fmt: skip
# An account that reads what it is told asks no faster.
_PER_MINUTE, _PER_DAY = Rule("assistant-minute", 20, 60), Rule("assistant-day", 300, 86_400)
_WAITS_S = 10.0
_TITLE, _CONTENT, _WORDS = 100, 2000, 500
_WHO = {"me": "我", "assistant": "智能客服"}


@dataclass(frozen=True, slots=True)
class Replied:
    """An answer, and the conversation in which it was given."""

    conversation_id: str
    said: Said


class Assistant:
    """The use cases.

    Args:
        model: words the answers where there is one.
    """

    def __init__(
        self,
        library: Library,
        redis: Redis,
        keyring: KeyRing,
        model: Model,
        identity: Identity,
        consultations: Consultations,
    ) -> None:
        self._library, self._model = library, model
        self._conversations = Conversations(redis, keyring)
        self._tries = Tries(redis)
        self._identity, self._consultations = identity, consultations

    @property
    def by_model(self) -> bool:
        """Whether a model words the answers, which people have to be told."""
        return self._model.enabled

    def look(self) -> None:
        """Have the index brought up to date while somebody reads the greeting."""
        self._library.look()

    async def ask(
        self,
        session: Session,
        text: str,
        conversation_id: str = "",
        enterprise: Enterprise | None = None,
        deadline: Deadline | None = None,
    ) -> Replied:
        """Answer a question; one that names no matter goes on from the last.

        Raises:
            AskedTooOften, LibraryUnavailable.
        """
        await self._count(session)
        index = await self._library.index()
        talk = await self._talk(session, enterprise, conversation_id) or self._conversations.begin()
        side: Side = "enterprise" if enterprise else "citizen"
        said = await asyncio.to_thread(_said, index, talk, text, side)
        if said.source is not None and not is_only_about(text):
            talk.asked = text
        return await self._reply(session, enterprise, talk, (text, text), said, deadline)

    async def choose(
        self,
        session: Session,
        number: int,
        conversation_id: str,
        enterprise: Enterprise | None = None,
        deadline: Deadline | None = None,
    ) -> Replied:
        """Answer the question that was asked before for the matter that was chosen.

        Raises:
            ConversationUnknown, ChoiceUnknown, AskedTooOften, LibraryUnavailable.
        """
        await self._count(session)
        index = await self._library.index()
        talk = await self._talk(session, enterprise, conversation_id)
        if talk is None:
            raise ConversationUnknown
        if not 0 < number <= len(talk.offered):
            raise ChoiceUnknown
        source = await asyncio.to_thread(index.get, talk.offered[number - 1])
        if source is None:
            # It was withdrawn between the question and the choice.
            raise ChoiceUnknown
        said = await asyncio.to_thread(told, source, talk.asked, index.vocabulary)
        words = (source.title, talk.asked)
        return await self._reply(session, enterprise, talk, words, said, deadline)

    async def hand_over(
        self,
        session: Session,
        conversation_id: str,
        region_code: str,
        words: str = "",
        enterprise: Enterprise | None = None,
    ) -> Ticket:
        """Make a consultation of a conversation, which ends with it.

        Args:
            region_code: where the matter is.
            words: what the person adds.

        Raises:
            ConversationUnknown, NothingAsked, and those of a consultation.
        """
        door = _door(enterprise)
        talk = await self._talk(session, enterprise, conversation_id)
        if talk is None:
            raise ConversationUnknown
        mine = [text for who, text in talk.turns if who == "me"]
        if not mine:
            raise NothingAsked
        # Ended first: of two taps at once only one makes a ticket.
        if not await self._conversations.end(session.subject, talk.id):
            raise ConversationUnknown
        kind, _, code = talk.source.partition(":")
        question = Question(
            kind="consult", title=(talk.asked or mine[-1])[:_TITLE],
            content=_transcript(talk, words, enterprise), region_code=region_code,
            item_code=code if kind == "guide" else "",
        )  # fmt: skip
        try:
            return await self._consultations.asking.ask(session, question)
        except BaseException:
            await self._conversations.keep(session.subject, door, talk)
            raise

    async def close(self) -> None:
        """Let go of what runs in the background."""
        await self._library.close()
        await self._model.close()

    async def _reply(
        self,
        session: Session,
        enterprise: Enterprise | None,
        talk: Conversation,
        words: tuple[str, str],
        said: Said,
        deadline: Deadline | None,
    ) -> Replied:
        """Word an answer, write it down; ``words`` are what was said and what was meant."""
        if enterprise is not None:
            said = behind(said, enterprise.uscc)
        if said.citations and self._model.enabled:
            names = await self._names(session, enterprise)
            until = Deadline.after(_WAITS_S) if deadline is None else deadline.within(_WAITS_S)
            said = await reworded(self._model, said, words[1], names, until)
        talk.say("me", words[0])
        talk.say("assistant", said.text)
        talk.offered = list(said.offered)
        if said.kind == "choices":
            talk.asked = words[1]
        if said.source is not None:
            talk.source = said.source.id
        await self._conversations.keep(session.subject, _door(enterprise), talk)
        return Replied(talk.id, said)

    async def _talk(
        self, session: Session, enterprise: Enterprise | None, conversation_id: str
    ) -> Conversation | None:
        if not conversation_id:
            return None
        return await self._conversations.get(session.subject, _door(enterprise), conversation_id)

    async def _names(self, session: Session, enterprise: Enterprise | None) -> list[str]:
        """What must not leave as it is: names of whoever asks, and of the enterprise."""
        holder = await self._identity.named(session.person_id)
        names = [holder.name] if holder else []
        if enterprise is not None:
            names += [enterprise.name, enterprise.legal_representative.name]
        return names

    async def _count(self, session: Session) -> None:
        marks = [Mark(rule, session.subject) for rule in (_PER_MINUTE, _PER_DAY)]
        if wait := await self._tries.take(marks):
            raise AskedTooOften(wait)


def _said(index: Index, talk: Conversation, text: str, side: Side) -> Said:
    """Computes: not on an event loop."""
    if is_only_about(text) and talk.source and (source := index.get(talk.source)):
        return told(source, text, index.vocabulary)
    if any(word in text for word in ("转人工", "人工客服", "找真人")):
        lead = "好的。转给工作人员时，会把我们的对话一起交过去，请您确认。"
        return Said("answer", lead, actions=(PERSON, CALL))
    found = rank(index, text, side)
    return answer_from(found, text, index.vocabulary) if found else unknown()


def _door(enterprise: Enterprise | None) -> str:
    return enterprise.uscc if enterprise else ""


def _transcript(talk: Conversation, words: str, enterprise: Enterprise | None) -> str:
    """What was said, the newest kept where it is too long for a ticket."""
    head = f"{words[:_WORDS]}\n" if words else ""
    if enterprise is not None:
        head += f"企业：{enterprise.name}（{enterprise.uscc}）\n"
    head += "以下是与智能客服的对话：\n"
    lines: list[str] = []
    room = _CONTENT - len(head)
    for who, text in reversed(talk.turns):
        line = f"{_WHO[who]}：{text}"
        if len(line) + 1 > room:
            break
        lines.insert(0, line)
        room -= len(line) + 1
    return head + "\n".join(lines)
