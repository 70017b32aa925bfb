"""Applications for data (共享申请): prepared, approved, reviewed, answered (令809号 art. 20–22).

The clerk of a department prepares, its head approves, the platform reviews for conformity, the head
of the providing department answers. Nobody decides on what they prepared or decided before; nobody
acts for another department; whoever is against it says why, and may send it back once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from backend.exchange.service import Exchange, ProviderSystem
from backend.operators.service import Officer, Role
from backend.sharing import book
from backend.sharing.catalogue import Resource
from backend.sharing.clocks import ANSWERS, EXTENSION, Clocks, Due
from backend.sharing.errors import (
    ActNotPossible,
    ApplicationInvalid,
    ApplicationUnknown,
    CursorRefused,
    ExtendedBefore,
    ResourceNotShared,
    ReturnedBefore,
    StateChanged,
)
from backend.sharing.models import ShareApplication, ShareGrant, ShareStep
from backend.sharing.parts import (
    DEPARTMENT_ROLES,
    Parts,
    needs_department,
    needs_role,
    reasoned,
    sees,
    write_step,
)
from backend.sharing.states import APPLICATION, Act, GrantState, Stage, after
from backend.sharing.turns import concerned, needs_decider, waiting_for
from backend.sharing.wishes import Wish, mistakes, wished

PAGE = 50
CONDITIONAL = 2
_SHOWN_CHANGES = 200
# A provider hears of an application once it has been reviewed.
_UNHEARD = (Stage.DRAFT, Stage.HEAD, Stage.REVIEW)


@dataclass(frozen=True, slots=True)
class Application:
    """An application with its clock."""

    row: ShareApplication
    due: Due | None
    grant_id: UUID | None


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    """A page of applications, newest first."""

    applications: Sequence[Application]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class History:
    """One application with everything that was done to it."""

    application: Application
    steps: Sequence[ShareStep]


class Applications:
    """The use cases of applications."""

    def __init__(self, parts: Parts, clocks: Clocks, exchange: Exchange) -> None:
        self._parts, self._clocks, self._exchange = parts, clocks, exchange

    # Preparing

    async def draft(self, officer: Officer, wish: Wish) -> Application:
        """Begin an application for a system of the officer's department.

        Raises:
            RoleMissing: not a clerk of the system's department.
            ResourceUnknown, ResourceNotShared, ApplicationInvalid: it cannot be asked for.
        """
        needs_role(officer, Role.CLERK)
        system = self._own_system(officer, wish.system)
        resource = self._checked(system, wish)
        async with in_transaction():
            row = await ShareApplication.create(
                system_code=system.code,
                requester_uscc=system.manifest.system.department.uscc,
                state=Stage.DRAFT.value,
                returned_by=[],
                **wished(wish, resource),
            )
            await write_step(officer, row.id, "draft", row.state)
            await self._record(officer, row, "draft", Stage.DRAFT)
        return await self._with_clock(row)

    async def edit(self, officer: Officer, application_id: UUID, wish: Wish) -> Application:
        """Change a draft, or what came back for correction.

        Raises:
            as ``draft``; ApplicationUnknown, ActNotPossible, StateChanged.
        """
        needs_role(officer, Role.CLERK)
        row = await self._seen(officer, application_id)
        needs_department(officer, row.requester_uscc)
        stage = after(APPLICATION, Stage(row.state), Act.EDIT)
        resource = self._checked(self._own_system(officer, wish.system), wish)
        if (wish.system, resource.spec.code) != (row.system_code, row.resource_code):
            raise ApplicationInvalid(
                [{"pointer": "/resource", "message": "补正时不能更换系统或资源，请另行申请"}]
            )
        async with in_transaction():
            await _move(row, stage, **wished(wish, resource))
            await write_step(officer, row.id, Act.EDIT, stage)
            await self._record(officer, row, Act.EDIT, stage)
        return await self._with_clock(await ShareApplication.get(id=row.id))

    async def submit(self, officer: Officer, application_id: UUID) -> Application:
        """Hand it to the department's own head."""
        needs_role(officer, Role.CLERK)
        row = await self._seen(officer, application_id)
        needs_department(officer, row.requester_uscc)
        return await self._act(officer, row, Act.SUBMIT, submitted_by=officer.account_id)

    async def withdraw(self, officer: Officer, application_id: UUID) -> Application:
        """Take it back, as long as it has not been answered."""
        needs_role(officer, Role.CLERK, Role.HEAD)
        row = await self._seen(officer, application_id)
        needs_department(officer, row.requester_uscc)
        return await self._act(officer, row, Act.WITHDRAW)

    # Deciding

    async def approve(self, officer: Officer, application_id: UUID) -> Application:
        """The own head's approval, or the platform's finding that it conforms."""
        row = await self._seen(officer, application_id)
        await needs_decider(officer, row)
        return await self._act(officer, row, Act.APPROVE)

    async def send_back(self, officer: Officer, application_id: UUID, reason: str) -> Application:
        """Send it back, naming at once everything that is missing (一次性告知, art. 21).

        Raises:
            ReturnedBefore: this stage did so before.
            ReasonMissing: it does not say what is missing.
        """
        row = await self._seen(officer, application_id)
        await needs_decider(officer, row)
        words = reasoned(reason)
        if row.state in row.returned_by:
            raise ReturnedBefore
        return await self._act(
            officer, row, Act.RETURN, words, returned_by=[*row.returned_by, row.state]
        )

    async def consent(self, officer: Officer, application_id: UUID) -> Application:
        """The provider agrees: the grant holds from now on, on every worker within seconds."""
        row = await self._seen(officer, application_id)
        await needs_decider(officer, row)
        return await self._act(officer, row, Act.CONSENT)

    async def refuse(self, officer: Officer, application_id: UUID, reason: str) -> Application:
        """The provider does not agree, and says why (art. 21)."""
        row = await self._seen(officer, application_id)
        await needs_decider(officer, row)
        return await self._act(officer, row, Act.REFUSE, reasoned(reason))

    async def ask_extension(
        self, officer: Officer, application_id: UUID, reason: str
    ) -> Application:
        """The provider asks for ten working days more; the platform has to agree (art. 21)."""
        row = await self._seen(officer, application_id)
        await needs_decider(officer, row)
        if row.extended or row.extension_asked:
            raise ExtendedBefore
        if row.share_type != CONDITIONAL:
            raise ActNotPossible(row.state, "无条件共享的申请应在 1 个工作日内答复，不能延长。")
        words = reasoned(reason)
        return await self._act(officer, row, Act.ASK_EXTENSION, words, extension_asked=words)

    async def extend(self, officer: Officer, application_id: UUID) -> Application:
        """The platform agrees to the extension that the provider asked for, once."""
        needs_role(officer, Role.OPERATOR)
        row = await self._seen(officer, application_id)
        if row.extended:
            raise ExtendedBefore
        if not row.extension_asked:
            raise ActNotPossible(row.state, "数据提供部门没有申请延长答复期限。")
        return await self._act(officer, row, Act.EXTEND, extended=True)

    # Looking

    async def get(self, officer: Officer, application_id: UUID) -> History:
        """One application with its history.

        Raises:
            ApplicationUnknown: there is none, or it does not concern the officer.
        """
        row = await self._seen(officer, application_id)
        steps = await ShareStep.filter(about=row.id).order_by("id").limit(_SHOWN_CHANGES)
        return History(await self._with_clock(row), steps)

    async def page(
        self,
        officer: Officer,
        state: str | None = None,
        inbox: bool = False,
        cursor: str | None = None,
        limit: int = PAGE,
    ) -> ApplicationPage:
        """Applications that concern the officer, newest first.

        Args:
            inbox: only those that wait for this officer's own decision.

        Raises:
            CursorRefused: not a cursor of ours.
        """
        found = ShareApplication.all()
        if officer.role in DEPARTMENT_ROLES:
            mine = officer.department_uscc
            found = found.filter(Q(requester_uscc=mine) | Q(provider_uscc=mine))
            found = found.exclude(~Q(requester_uscc=mine) & Q(state__in=list(_UNHEARD)))
        elif not sees(officer):
            return ApplicationPage([], None)
        if state is not None:
            found = found.filter(state=state)
        if inbox:
            found = found.filter(waiting_for(officer))
        if cursor is not None:
            try:
                found = found.filter(id__lt=UUID(cursor))
            except ValueError:
                raise CursorRefused from None
        rows = await found.order_by("-id").limit(limit + 1)
        shown = rows[:limit]
        dues = await self._clocks.running([row.id for row in shown])
        grants = await _grants_of([row.id for row in shown])
        return ApplicationPage(
            [Application(row, dues.get(row.id), grants.get(row.id)) for row in shown],
            str(shown[-1].id) if len(rows) > limit else None,
        )

    # Behind

    async def _act(
        self, officer: Officer, row: ShareApplication, act: Act, reason: str = "", **changes: object
    ) -> Application:
        stage = after(APPLICATION, Stage(row.state), act)
        async with in_transaction():
            await _move(row, stage, **changes)
            await write_step(officer, row.id, act, stage, reason)
            if stage is Stage.GRANTED:
                await _make_grant(row)
            await self._keep_time(row, act, stage)
            await self._tell(row, stage, act, reason)
            await self._record(officer, row, act, stage)
        return await self._with_clock(await ShareApplication.get(id=row.id))

    async def _record(
        self, officer: Officer, row: ShareApplication, act: str, stage: Stage
    ) -> None:
        await self._parts.audit.record(
            officer.actor,
            f"sharing.{act}",
            f"application:{row.id}",
            {"system": row.system_code, "resource": row.resource_code, "state": stage.value},
        )

    async def _keep_time(self, row: ShareApplication, act: Act, stage: Stage) -> None:
        if act is Act.EXTEND:
            await self._clocks.extend(row.id, EXTENSION)
        if stage.value == row.state:
            return
        await self._clocks.stop(row.id)
        if stage is Stage.REVIEW:
            await self._clocks.start("review", row.id, None)
        elif stage is Stage.PROVIDER:
            kind = ANSWERS[1] if row.share_type == CONDITIONAL else ANSWERS[0]
            await self._clocks.start(kind, row.id, row.provider_uscc)
        elif stage is Stage.GRANTED:
            await self._clocks.start("delivery", row.id, row.provider_uscc)

    async def _tell(self, row: ShareApplication, stage: Stage, act: Act, reason: str) -> None:
        """A notice to whoever has to act next, or wants to know."""
        name = self._parts.catalogue.name_of(row.resource_code)
        link = f"/console/sharing/applications/{row.id}"
        for role, uscc, words in concerned(row, stage, act):
            await self._parts.operators.notify(
                role=role,
                department_uscc=uscc,
                kind=f"sharing.{stage}",
                title=f"《{name}》共享申请{words}",
                text=f"《{name}》的共享申请{words}。{reason}",
                link=link,
            )

    async def _seen(self, officer: Officer, application_id: UUID) -> ShareApplication:
        row = await ShareApplication.get_or_none(id=application_id)
        if row is None or not sees(officer, row.requester_uscc, row.provider_uscc):
            raise ApplicationUnknown
        theirs = officer.department_uscc not in (None, row.requester_uscc)
        if theirs and row.state in _UNHEARD:
            raise ApplicationUnknown
        return row

    def _own_system(self, officer: Officer, code: str) -> ProviderSystem:
        system = self._exchange.system(code)
        if system is None:
            raise ApplicationInvalid([{"pointer": "/system", "message": "没有登记这个系统"}])
        needs_department(officer, system.manifest.system.department.uscc)
        return system

    def _checked(self, system: ProviderSystem, wish: Wish) -> Resource:
        resource = self._parts.catalogue.get(wish.resource)
        if not resource.spec.shared:
            raise ResourceNotShared(resource.spec.share_ground or "")
        errors = list(mistakes(system, resource, wish, self._parts.calendar.today()))
        if errors:
            raise ApplicationInvalid(
                [{"pointer": pointer, "message": message} for pointer, message in errors]
            )
        return resource

    async def _with_clock(self, row: ShareApplication) -> Application:
        dues = await self._clocks.running([row.id])
        grants = await _grants_of([row.id])
        return Application(row, dues.get(row.id), grants.get(row.id))


async def _move(row: ShareApplication, stage: Stage, **changes: object) -> None:
    """Change a row that nobody else changed in between.

    Raises:
        StateChanged: somebody did.
    """
    changed = await ShareApplication.filter(id=row.id, version=row.version).update(
        state=stage.value, version=row.version + 1, **changes
    )
    if not changed:
        raise StateChanged


async def _make_grant(row: ShareApplication) -> None:
    await ShareGrant.create(
        application_id=row.id,
        system_code=row.system_code,
        requester_uscc=row.requester_uscc,
        resource_code=row.resource_code,
        provider_system=row.provider_system,
        provider_uscc=row.provider_uscc,
        fields_granted=row.fields_asked,
        purpose=row.purpose,
        legal_basis=row.legal_basis,
        share_mode=row.share_mode,
        case_bound=row.case_bound,
        daily_quota=row.daily_quota,
        addresses=row.addresses,
        valid_until=row.valid_until,
        state=GrantState.ACTIVE.value,
    )
    await book.tick()


async def _grants_of(applications: Sequence[UUID]) -> dict[UUID, UUID]:
    pairs = await ShareGrant.filter(application_id__in=list(applications)).values_list(
        "application_id", "id"
    )
    return dict(pairs)
