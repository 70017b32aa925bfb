"""A case as people see it: what happened, what comes, until when, whom to call."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from backend.audit.service import system as system_actor
from backend.cases.acts import Acts
from backend.cases.clocks import ACCEPT, DECIDE, DELIVER, Running
from backend.cases.content import Content, wanted_by
from backend.cases.duties import Duties
from backend.cases.errors import CaseUnknown, CursorRefused, ResultMissing
from backend.cases.files import Files, Kept
from backend.cases.models import Case, CaseOutbox, CaseStep
from backend.cases.numbering import is_case_no
from backend.cases.outbox import QUEUED
from backend.cases.parts import Parts
from backend.cases.states import ENDED, EVENT_LABELS, Event, State
from backend.cases.versions import Versions
from backend.catalogue.service import Offer
from backend.divisions.service import Shared
from backend.identity.service import Session

PAGE = 20
_PLATFORM_LABELS: Mapping[str, str] = {
    "delivered": "部门已收到", "sent_again": "重新送达部门", "supplement": "提交补正材料",
    "supplement_delivered": "部门已收到补正材料", "supplement_refused": "补正材料未被采纳",
    "withdrawal": "提出撤回", "withdraw_delivered": "部门已收到撤回申请",
    "withdraw_refused": "撤回申请未被采纳", "urge": "催办", "urge_delivered": "部门已收到催办",
    "urge_refused": "催办未被采纳", "deemed_accepted": "依法视为受理",
    "handed_over": "已转决定机关办理", "notice_delivered": "监管部门已收到决定",
    "notice_refused": "监管部门未采纳抄告",
    "promise_broken": "承诺补交的材料没有按时收到",
}  # fmt: skip
# What the applicant reads of a step; the rest is for officials.
_SHOWN = (
    "officer", "reason", "remedies", "document_no", "items", "due_on", "to", "special",
    "workdays", "delivery", "department_case_no",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the timeline."""

    event: str
    label: str
    state: State
    at: datetime
    by: str
    words: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaseCard:
    """A case in a list."""

    id: UUID
    case_no: str
    item_code: str
    item_name: str
    department_name: str
    for_kind: str
    applicant: str
    state: State
    delivered: bool
    submitted_at: datetime
    updated_at: datetime
    ended: bool
    clock: Running | None


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of cases, newest first."""

    cards: Sequence[CaseCard]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Late:
    """A material that was promised by a day (容缺后补)."""

    material: str
    name: str
    due_on: date
    overdue: bool


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with everything that its people may know.

    Attributes:
        following: what comes next, a sentence.
        actions: ``supplement``, ``withdraw``, ``urge``, ``evaluate``: what can be done now.
        on_its_way: operations that the department has not confirmed yet.
        asked: the items of the notice of correction that has to be answered.
        late: materials that were promised and are still waited for.
        division: who accepts, decides and supervises, where that is divided.
        result: what was decided; ``file`` where there is a document.
    """

    card: CaseCard
    content: Content
    steps: Sequence[Step]
    following: str
    actions: Sequence[str]
    on_its_way: Sequence[str]
    asked: Sequence[Mapping[str, Any]]
    late: Sequence[Late]
    division: Shared | None
    result: Mapping[str, Any] | None
    hotline: str
    complaints: str
    department_case_no: str | None
    deemed: bool


class Views:
    """Shows cases to the people whose they are."""

    def __init__(
        self, parts: Parts, acts: Acts, versions: Versions, files: Files, duties: Duties
    ) -> None:
        self._parts, self._acts, self._versions, self._files = parts, acts, versions, files
        self._duties = duties

    async def page(
        self,
        session: Session,
        cursor: str | None = None,
        ended: bool | None = None,
        uscc: str = "",
        items: Collection[str] = (),
    ) -> CasePage:
        """Cases that a person submitted, or that others submitted in their name, newest first.

        Args:
            uscc: of the enterprise, which the caller acts for, whose cases are wanted instead.
            items: only of these service items; none for all.

        Raises:
            CursorRefused.
        """
        found = Case.filter(await self._theirs(session, uscc))
        if items:
            found = found.filter(item_code__in=sorted(items))
        if ended is not None:
            found = found.filter(ended_at__isnull=not ended)
        if cursor is not None:
            try:
                found = found.filter(id__lt=UUID(cursor))
            except ValueError:
                raise CursorRefused from None
        rows = await found.order_by("-id").limit(PAGE + 1)
        clocks = await self._parts.clocks.of([row.id for row in rows])
        cards = [self._card(row, clocks.get(row.id)) for row in rows[:PAGE]]
        return CasePage(cards, str(rows[PAGE - 1].id) if len(rows) > PAGE else None)

    async def _theirs(self, session: Session, uscc: str) -> Q:
        if uscc:
            return Q(for_kind="enterprise", for_id=uscc)
        holder = await self._parts.services.identity.holder(session)
        mine = Q(person_id=session.person_id)
        # What somebody applied for in an enterprise's name stays with the enterprise.
        lost = await self._parts.services.members.lost(session)
        if lost:
            mine &= ~Q(for_kind="enterprise", for_id__in=lost)
        return mine | Q(holder_index=self._parts.holder_index(holder))

    async def item_of(self, case_no: str, uscc: str) -> str:
        """The item of a case of an enterprise.

        Raises:
            CaseUnknown.
        """
        mine = Case.filter(for_kind="enterprise", for_id=uscc, case_no=case_no)
        case = await mine.first() if is_case_no(case_no) else None
        if case is None:
            raise CaseUnknown
        return str(case.item_code)

    async def find(self, session: Session, case_no: str, uscc: str = "") -> Case:
        """A case that a person may see, or one of an enterprise that they represent.

        Raises:
            CaseUnknown.
        """
        if not is_case_no(case_no):
            raise CaseUnknown
        case = await Case.filter(await self._theirs(session, uscc), case_no=case_no).first()
        if case is None:
            raise CaseUnknown
        return case

    async def get(self, session: Session, case_no: str, uscc: str = "") -> CaseView:
        """One case.

        Raises:
            CaseUnknown.
        """
        case = await self.find(session, case_no, uscc)
        # An enterprise's case is acted on by whoever represents it now.
        return await self.view(case, case.person_id if uscc else session.person_id)

    async def view(self, case: Case, viewer: UUID | None) -> CaseView:
        """One case in full.

        Args:
            viewer: who may act on it, if they submitted it.
        """
        clock = (await self._parts.clocks.of([case.id])).get(case.id)
        rows = await CaseStep.filter(case_id=case.id).order_by("id")
        steps = [self._step(row) for row in rows]
        on_its_way = await self._on_its_way(case)
        offer = await self._versions.of_case(case)
        elements = offer.elements
        asked: Sequence[Mapping[str, Any]] = ()
        if case.state == State.CORRECTION:
            asked = next(s.words["items"] for s in reversed(steps) if "items" in s.words)
        return CaseView(
            card=self._card(case, clock), content=self._acts.content_of(case), steps=steps,
            following=_following(case, clock, on_its_way),
            actions=self._actions(case, on_its_way) if viewer == case.person_id else (),
            on_its_way=on_its_way, asked=asked, late=self._late(case, offer, on_its_way),
            division=await self._duties.of_case(case),
            result=self._parts.open(case.result, case.id, "result") if case.result else None,
            hotline=elements["link_way"], complaints=elements["supervise_way"],
            department_case_no=case.department_case_no, deemed=case.deemed_on is not None,
        )  # fmt: skip

    def _late(self, case: Case, offer: Offer, on_its_way: Sequence[str]) -> list[Late]:
        if "supplement" in on_its_way:
            return []
        names, today = {one.code: one.name for one in wanted_by(offer)}, self._parts.today()
        promised = [(code, date.fromisoformat(day)) for code, day in self._acts.late(case).items()]
        return [Late(code, names[code], day, day < today) for code, day in promised]

    def content_of(self, case: Case) -> Content:
        """The sealed part of a case."""
        return self._acts.content_of(case)

    async def _on_its_way(self, case: Case) -> list[str]:
        waiting = CaseOutbox.filter(case_id=case.id, state=QUEUED).order_by("id")
        waiting = waiting.filter(operation__startswith="cases.")
        found = await waiting.values_list("operation", flat=True)
        return [str(each).partition(".")[2] for each in found]

    async def result_file(
        self, session: Session, case_no: str, uscc: str = ""
    ) -> tuple[Kept, bytes]:
        """The document that a case resulted in.

        Raises:
            CaseUnknown, ResultMissing.
        """
        case = await self.find(session, case_no, uscc)
        result = self._parts.open(case.result, case.id, "result") if case.result else {}
        if "file" not in result:
            raise ResultMissing
        return await self._files.read(UUID(result["file"]), case_id=case.id)

    async def material(self, system: str, case_no: str, file_id: UUID) -> tuple[Kept, bytes]:
        """An uploaded file, for the department whose case it is; written to the audit.

        Raises:
            CaseUnknown, FileUnknown.
        """
        known = is_case_no(case_no)
        case = await Case.get_or_none(case_no=case_no) if known else None
        if case is None or not await self._has_materials(case, system):
            raise CaseUnknown
        kept, content = await self._files.read(file_id, case_id=case.id)
        about, detail = self.content_of(case).about, {"case": case.case_no, "file": str(file_id)}
        await self._parts.services.audit.record(
            system_actor(system), "cases.material_read", about, detail
        )
        return kept, content

    async def _has_materials(self, case: Case, system: str) -> bool:
        """Whether a system got the case to accept it or to decide it."""
        division = await self._duties.of_case(case)
        accepted = division is not None and division.accepting.system == system
        return accepted or case.system_code == system

    def _actions(self, case: Case, on_its_way: Sequence[str]) -> list[str]:
        found = []
        late = case.delivered_at is not None and bool(self._acts.late(case))
        if (case.state == State.CORRECTION or late) and "supplement" not in on_its_way:
            found.append("supplement")
        if case.state in (State.SUBMITTED, State.CORRECTION) and "withdraw" not in on_its_way:
            found.append("withdraw")
        if case.state not in ENDED:
            found.append("urge")
        if case.ended_at is not None:
            found.append("evaluate")
        return found

    def _card(self, case: Case, clock: Running | None) -> CaseCard:
        return CaseCard(
            id=case.id, case_no=case.case_no, item_code=case.item_code, item_name=case.item_name,
            department_name=case.department_name, for_kind=case.for_kind,
            applicant=self._acts.content_of(case).applicant.name, state=State(case.state),
            delivered=case.delivered_at is not None, submitted_at=case.submitted_at,
            updated_at=case.updated_at, ended=case.ended_at is not None, clock=clock,
        )  # fmt: skip

    def _step(self, row: CaseStep) -> Step:
        words = self._parts.open(row.words, row.id, "words") if row.words else {}
        shown = {name: words[name] for name in _SHOWN if words.get(name)}
        return Step(
            row.event, step_label(row.event), State(row.state), row.at,
            row.actor.partition(":")[0], shown,
        )  # fmt: skip


def step_label(event: str) -> str:
    """What a step is called."""
    known = _PLATFORM_LABELS.get(event)
    return known if known is not None else EVENT_LABELS[Event(event)]


_FOLLOWING: Mapping[State, str] = {
    State.CORRECTION: "请补正材料后再次提交。",
    State.NOT_ACCEPTED: "本次申请已结束。您可以按告知的途径申请复议或提起诉讼，也可以重新申请。",
    State.TRANSFERRED: "由接办部门继续办理，请与接办部门联系。",
    State.IN_REVIEW: "部门正在审查，之后作出决定。",
    State.IN_DECISION: "部门即将作出决定。",
    State.SPECIAL_PROCEDURE: "特别程序结束后继续办理，所需时间不计入办理期限。",
    State.APPROVED: "部门将在 10 个工作日内送达结果。",
    State.DENIED: "部门将在 10 个工作日内送达书面决定。您可以申请复议或提起诉讼。",
    State.DELIVERING: "请留意签收办理结果。",
    State.CLOSED: "已办结，欢迎评价本次服务。",
    State.CORRECTION_TIMEOUT: "本次申请已结束，您可以重新申请。",
    State.WITHDRAWN: "本次申请已撤回，您可以重新申请。",
    State.TERMINATED: "本次申请已终止办理，原因见上。",
}
_DUE_WORDS = {ACCEPT: "告知是否受理", DECIDE: "作出决定", DELIVER: "送达结果"}


def _following(case: Case, clock: Running | None, on_its_way: Sequence[str]) -> str:
    if "withdraw" in on_its_way:
        return "撤回申请正在送达部门，部门确认后撤回。"
    if "supplement" in on_its_way:
        return "补正材料正在送达部门。"
    if case.delivered_at is None:
        return "申请已提交，正在送达部门。"
    fixed = _FOLLOWING.get(State(case.state))
    if fixed is not None:
        return fixed
    if clock is not None and not clock.paused:
        about = "（以届时公布的节假日安排为准）" if clock.provisional else ""
        return f"部门将在{_day(clock.due_on)}前{_DUE_WORDS[clock.kind]}{about}。"
    return "部门正在办理。"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
