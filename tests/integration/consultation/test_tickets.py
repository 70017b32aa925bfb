"""Tickets: asked, assigned, answered within their term, judged, opened again."""

import asyncio
import base64
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from backend.audit.service import Audit
from backend.calendar.service import BEIJING, WorkCalendar
from backend.consultation import errors
from backend.consultation.models import ConsultationTicket
from backend.consultation.service import Consultations, Parts, Question, State, Ticket
from backend.exchange.service import Exchange
from backend.identity.service import Level, Session
from backend.messages.service import Messages
from backend.numbers.service import Holder
from backend.operators.models import OperatorNotice
from backend.operators.service import Officer, Role
from backend.regions.errors import RegionUnknown
from backend.store.ids import uuid7
from backend.store.keyring import KeyRing
from backend.store.redis import Redis
from tests.operators_world import OTHER_USCC, USCC, open_world
from tests.regions import REGIONS

NOON = datetime(2026, 11, 11, 12, 0, tzinfo=BEIJING)
QUESTION = Question(
    "complaint", "窗口不受理", "工作日下午三点说下班了", "440106", department_uscc=USCC
)


def officer(role: Role, uscc: str | None = None) -> Officer:
    return Officer(uuid7(), role.value, "演示", role, uscc)


CLERK, HEAD = officer(Role.CLERK, USCC), officer(Role.HEAD, USCC)
STRANGER, OPERATOR = officer(Role.HEAD, OTHER_USCC), officer(Role.OPERATOR)


@dataclass
class World:
    """Everything that a test of tickets needs."""

    consultations: Consultations
    messages: Messages
    accounts: Any
    moment: list[datetime]

    def move(self, **by: float) -> None:
        """Let time pass."""
        self.moment[0] += timedelta(**by)

    async def asked(self, me: Session, question: Question = QUESTION) -> Ticket:
        """Somebody asks."""
        return await self.consultations.asking.ask(me, question)


def system(uscc: str, name: str) -> Any:
    """A registered system, as far as its department goes."""
    department = SimpleNamespace(uscc=uscc, name=name)
    return SimpleNamespace(manifest=SimpleNamespace(system=SimpleNamespace(department=department)))


@pytest.fixture
def world(database: str, redis: Redis) -> World:
    """Two departments and nobody's question."""
    assert database
    moment, keyring = [NOON], KeyRing({"k": bytes(32)})
    accounts, messages = open_world(redis), Messages(keyring)
    known = [system(USCC, "省公安厅"), system(OTHER_USCC, "省医保局")]
    exchange = cast("Exchange", SimpleNamespace(systems=lambda: known))

    async def named(person_id: UUID) -> Holder | None:
        return Holder("111", "440106199001010012", "张三丰")

    parts = Parts(
        keyring, WorkCalendar(lambda: moment[0]), REGIONS, exchange, accounts.operators, messages,
        Audit(), named, lambda: moment[0],
    )  # fmt: skip
    return World(Consultations(parts), messages, accounts, moment)


def somebody() -> Session:
    subject = base64.urlsafe_b64encode(uuid7().bytes).decode().rstrip("=")
    return Session(subject, "a" * 11, Level.REAL_NAME)


async def test_a_question_has_a_number_its_department_and_its_promised_term(world: World) -> None:
    me = somebody()
    ticket = await world.asked(me)
    assert re.fullmatch(r"TS44010620261111\d{6}", ticket.ticket_no)
    assert (ticket.state, ticket.department, ticket.workdays) == (State.ASSIGNED, "省公安厅", 15)
    # Fifteen working days after Wednesday, 11 November 2026.
    assert str(ticket.due_on) == "2026-12-02"
    assert ticket.left == 15
    (note,) = (await world.messages.list(me.person_id)).notes
    assert ticket.ticket_no in note.text


async def test_what_was_written_is_sealed(world: World) -> None:
    await world.asked(somebody())
    row = (await ConsultationTicket.all().values())[0]
    for words in (QUESTION.title, QUESTION.content):
        assert all(words.encode() not in cell for cell in row.values() if isinstance(cell, bytes))


async def test_from_question_to_judgement(world: World) -> None:
    me, handling = somebody(), world.consultations.handling
    no = (await world.asked(me, replace(QUESTION, department_uscc=""))).ticket_no
    assert (await world.consultations.asking.one(me, no)).state is State.SUBMITTED
    await handling.assign(OPERATOR, no, USCC)
    await handling.answer(CLERK, no, "已提醒窗口，下午五点半下班。")
    event = (await world.consultations.asking.one(me, no)).event_id
    assert event == f"{no}-0"
    await world.consultations.answered.judged(me.person_id, event, 2, "谢谢")
    ticket = await world.consultations.asking.one(me, no)
    assert ticket.opinion == "谢谢"
    assert (ticket.state, ticket.satisfaction, ticket.overdue_workdays) == (State.CLOSED, 2, 0)
    assert [step.act.value for step in ticket.steps] == ["assign", "answer", "rate"]
    kinds = [note.kind for note in (await world.messages.list(me.person_id)).notes]
    assert kinds == ["consultation.answered", "consultation.asked"]


async def test_a_ticket_is_seen_by_its_person_its_department_and_the_platform(
    world: World,
) -> None:
    me, handling = somebody(), world.consultations.handling
    no = (await world.asked(me)).ticket_no
    for reader in (CLERK, HEAD, OPERATOR):
        assert (await handling.one(reader, no)).asker == "张**"
        assert [each.ticket_no for each in await handling.all(reader)] == [no]
    for reader in (STRANGER, officer(Role.AUDIT_ADMIN)):
        with pytest.raises(errors.TicketUnknown):
            await handling.one(reader, no)
        assert await handling.all(reader) == []
    with pytest.raises(errors.TicketUnknown):
        await world.consultations.asking.one(somebody(), no)
    assert [each.ticket_no for each in await world.consultations.asking.mine(me)] == [no]


async def test_who_asks_for_secrecy_is_not_named(world: World) -> None:
    no = (await world.asked(somebody(), replace(QUESTION, secret=True))).ticket_no
    assert (await world.consultations.handling.one(HEAD, no)).asker == "要求保密"


async def test_what_cannot_be_asked(world: World) -> None:
    for change, refusal in (
        ({"kind": "weather"}, errors.KindUnknown),
        ({"region_code": "999999"}, RegionUnknown),
        ({"department_uscc": "1" * 18}, errors.DepartmentUnknown),
    ):
        with pytest.raises(refusal):
            await world.asked(somebody(), replace(QUESTION, **cast("Any", change)))


async def test_ten_open_ones_are_enough(world: World) -> None:
    me = somebody()
    for _ in range(10):
        last = await world.asked(me)
    with pytest.raises(errors.TooManyOpen):
        await world.asked(me)
    await world.consultations.asking.withdraw(me, last.ticket_no)
    await world.asked(me)


async def test_who_may_do_what(world: World) -> None:
    handling, no = world.consultations.handling, (await world.asked(somebody())).ticket_no
    with pytest.raises(errors.NotYoursToDo):
        await handling.assign(HEAD, no, OTHER_USCC)
    with pytest.raises(errors.NotYoursToDo):
        await handling.answer(OPERATOR, no, "替他们答")
    with pytest.raises(errors.NotYoursToDo):
        await handling.give_back(OPERATOR, no, "不归我管")
    with pytest.raises(errors.NotYoursToDo):
        await handling.extend(CLERK, no, "忙")
    with pytest.raises(errors.ActNotPossible):
        await handling.assign(OPERATOR, no, OTHER_USCC)
    await handling.give_back(CLERK, no, "属于医保")
    with pytest.raises(errors.DepartmentUnknown):
        await handling.assign(OPERATOR, no, "1" * 18)
    await handling.assign(OPERATOR, no, OTHER_USCC)
    with pytest.raises(errors.TicketUnknown):
        await handling.answer(CLERK, no, "已不是我们的")


async def test_the_term_is_extended_once_and_the_person_is_told_why(world: World) -> None:
    me, handling = somebody(), world.consultations.handling
    no = (await world.asked(me)).ticket_no
    await handling.extend(HEAD, no, "需要调取监控")
    ticket = await world.consultations.asking.one(me, no)
    assert (str(ticket.due_on), ticket.extended_workdays) == ("2026-12-16", 10)
    assert "需要调取监控" in (await world.messages.list(me.person_id)).notes[0].text
    with pytest.raises(errors.ExtendedAlready):
        await handling.extend(HEAD, no, "还要")


async def test_a_late_answer_says_by_how_much_and_everybody_was_told_once(world: World) -> None:
    await world.accounts.initial(Role.HEAD)
    await world.accounts.initial(Role.OPERATOR)
    me, handling = somebody(), world.consultations.handling
    no = (await world.asked(me)).ticket_no
    assert await world.consultations.watch() is None
    world.move(days=20)
    assert await world.consultations.watch() == 1
    to_the_platform = OperatorNotice.filter(kind="consultation.overdue")
    assert not await to_the_platform.exists()
    world.move(days=3)
    assert await world.consultations.watch() == 1
    assert await world.consultations.watch() is None
    # New, soon due, overdue for the head; overdue for the platform.
    assert await OperatorNotice.all().count() == 4
    assert await to_the_platform.count() == 1
    await handling.answer(HEAD, no, "抱歉迟了")
    assert (await world.consultations.asking.one(me, no)).overdue_workdays == 2


async def test_of_officers_who_answer_at_once_all_but_one_are_told(world: World) -> None:
    me, handling = somebody(), world.consultations.handling
    no = (await world.asked(me)).ticket_no
    answers = [handling.answer(who, no, "答复") for who in (HEAD, CLERK) * 4]
    found = await asyncio.gather(*answers, return_exceptions=True)
    assert sorted(type(each).__name__ for each in found) == ["ActNotPossible"] * 7 + ["NoneType"]
    ticket = await world.consultations.asking.one(me, no)
    assert [step.act.value for step in ticket.steps] == ["assign", "answer"]


async def test_an_answer_that_does_not_help_is_looked_at_again_twice(world: World) -> None:
    me, handling, asking = somebody(), world.consultations.handling, world.consultations.asking
    no = (await world.asked(me)).ticket_no
    for again in range(3):
        if again:
            await handling.assign(OPERATOR, no, OTHER_USCC)
        who = officer(Role.HEAD, OTHER_USCC) if again else HEAD
        await handling.answer(who, no, f"第{again + 1}次答复")
        if again < 2:
            ticket = await asking.reopen(me, no, "没有解决")
            assert (ticket.state, ticket.reopened) == (State.SUBMITTED, again + 1)
    with pytest.raises(errors.ReopenedTooOften):
        await asking.reopen(me, no, "还是没有")
    assert (await asking.one(me, no)).event_id == f"{no}-2"


async def test_after_thirty_days_it_is_a_new_question(world: World) -> None:
    me, asking = somebody(), world.consultations.asking
    no = (await world.asked(me)).ticket_no
    await world.consultations.handling.answer(HEAD, no, "答复")
    world.move(days=31)
    with pytest.raises(errors.ReopenTooLate):
        await asking.reopen(me, no, "想起来了")


async def test_an_answer_to_which_nothing_is_said_closes_by_itself(world: World) -> None:
    me = somebody()
    no = (await world.asked(me)).ticket_no
    await world.consultations.handling.answer(HEAD, no, "答复")
    world.move(days=10)
    assert await world.consultations.watch() is None
    world.move(days=10)
    assert await world.consultations.watch() == 1
    ticket = await world.consultations.asking.one(me, no)
    assert (ticket.state, ticket.satisfaction) == (State.CLOSED, None)


async def test_an_answered_ticket_cannot_be_taken_back(world: World) -> None:
    me = somebody()
    no = (await world.asked(me)).ticket_no
    await world.consultations.handling.answer(HEAD, no, "答复")
    with pytest.raises(errors.ActNotPossible):
        await world.consultations.asking.withdraw(me, no)
    with pytest.raises(errors.ActNotPossible):
        await world.consultations.handling.answer(HEAD, no, "再答")


async def test_each_answer_may_be_judged_by_whoever_asked_for_it(world: World) -> None:
    me, answered = somebody(), world.consultations.answered
    no = (await world.asked(me)).ticket_no
    first, long_ago = f"{no}-0", NOON - timedelta(days=90)
    assert await answered.find(me.person_id, first) is None
    await world.consultations.handling.answer(HEAD, no, "答复")
    found = await answered.find(me.person_id, first)
    assert found is not None
    assert (found.kind_name, found.department_uscc, found.at) == ("投诉", USCC, NOON)
    assert await answered.recent(me.person_id, long_ago, 5) == [found]
    later = NOON + timedelta(days=1)
    assert [one[0] for one in await answered.at_department(USCC, None, NOON, later)] == [first]
    assert await answered.at_department(USCC, "consult", NOON, later) == []
    assert await answered.at_department(OTHER_USCC, None, NOON, later) == []
    for who, event in ((somebody(), first), (me, f"{no}-1"), (me, no), (me, "x")):
        assert await answered.find(who.person_id, event) is None
    await world.consultations.asking.reopen(me, no, "没有解决")
    assert await answered.find(me.person_id, first) is None
    await answered.judged(me.person_id, first, 5, "")
    ticket = await world.consultations.asking.one(me, no)
    assert (ticket.state, ticket.satisfaction) == (State.SUBMITTED, None)


async def test_an_answer_that_closed_by_itself_is_still_judged(world: World) -> None:
    me = somebody()
    no = (await world.asked(me)).ticket_no
    await world.consultations.handling.answer(HEAD, no, "答复")
    world.move(days=20)
    await world.consultations.watch()
    await world.consultations.answered.judged(me.person_id, f"{no}-0", 1, "")
    ticket = await world.consultations.asking.one(me, no)
    assert (ticket.state, ticket.satisfaction) == (State.CLOSED, 1)
