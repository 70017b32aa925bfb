"""For which enterprise a caller acts: a person with a session, or a program with a key."""

from typing import TYPE_CHECKING, Any

from backend.enterprise.service import ASK_S, NotRepresentative, RegisterUnavailable
from backend.errors import DomainError
from backend.identity.errors import LevelTooLow
from backend.machines.errors import ClientEnded, QuotaSpent, ScopeNotGiven
from backend.machines.service import Signed
from backend.members.service import GrantEnded, GrantExpired, ScopeMissing, TooManyRequests
from gateway.edge.access import Machine, Member

if TYPE_CHECKING:
    from gateway.edge.endpoint import Call

MEMBER_ERRORS: tuple[type[DomainError], ...] = (
    NotRepresentative, GrantEnded, GrantExpired, ScopeMissing, TooManyRequests,
    RegisterUnavailable,
)  # fmt: skip
MACHINE_ERRORS: tuple[type[DomainError], ...] = (
    ClientEnded, ScopeNotGiven, QuotaSpent, RegisterUnavailable,
)  # fmt: skip


async def act_for(call: "Call[Any, Any]", access: Member, uscc: str) -> None:
    """Who a person is to an enterprise; what is kept of them was read along with the session.

    Raises:
        TooManyRequests.
        LevelTooLow: below level 4, and the electronic business licence was not shown.
        NotRepresentative, GrantEnded, GrantExpired, ScopeMissing, RegisterUnavailable.
    """
    stored, represented = call.also_read[-2:]
    session = call.session
    await call.province.enterprise_pace.take(session.subject, uscc)
    if session.level < access.level and not await call.province.members.licensed(session, uscc):
        raise LevelTooLow(access.level)
    person = await call.province.identity.holder(session, stored)
    call._acting = await call.province.members.admit(
        session, person, uscc, access.scope, trace=call.trace, deadline=call.deadline(ASK_S),
        represented=represented,
    )  # fmt: skip


async def act_by_signature(call: "Call[Any, Any]", access: Machine) -> None:
    """The program that signed the request, and in whose right it acts.

    Raises:
        SignatureInvalid, ClientEnded, ScopeNotGiven, QuotaSpent, RegisterUnavailable.
    """
    request = call.request
    headers = {name.lower(): value for name, value in request.headers.items()}
    signed = Signed(request.method, request.path, request.query_string, headers, request.body)
    found = await call.province.machines.clients.admit(signed, access.scope, call.trace)
    call._calling, call._session, call._acting = found, found.session, found.acting
