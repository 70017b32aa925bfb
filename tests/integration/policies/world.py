"""Two departments, a few published policies, and people who are on file; on real stores."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from backend.audit.service import Audit
from backend.calendar.service import BEIJING, WorkCalendar
from backend.enterprise.service import Enterprise
from backend.exchange.service import Exchange
from backend.identity.service import Identity
from backend.messages.service import Messages
from backend.numbers.service import Holder, make_uscc
from backend.operators.service import Officer, Role
from backend.policies.models import PolicyEntitlement
from backend.policies.service import Act, Parts, Policies, State, Whose
from backend.sharing.service import Sharing
from backend.store.ids import uuid7
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import Redis
from backend.upstream.errors import UpstreamError
from tests.operators_world import OTHER_USCC, USCC, open_world
from tests.regions import REGIONS

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=BEIJING)
ACCOUNT = {"bank": "示范银行", "number": "6222000000000000001", "name": "示范"}
SYSTEM = "gd-sample"


def officer(role: Role, uscc: str | None = None) -> Officer:
    return Officer(uuid7(), role.value, "演示", role, uscc)


CLERK, HEAD = officer(Role.CLERK, USCC), officer(Role.HEAD, USCC)
STRANGER, OPERATOR = officer(Role.HEAD, OTHER_USCC), officer(Role.OPERATOR)


STAFF = {"301123/0003": {"insured_staff": 5, "state": "正常"}}
AUTOMATIC: dict[str, Any] = {
    "kind": "automatic", "steps": {"check": True},
    "benefit": {"kind": "money", "words": "每人一百元", "formula": "enterprise.staff * 100",
                "cap": 1000, "budget": 1200},
}  # fmt: skip


@dataclass
class Department:
    """What the department's own book says it paid: by entitlement, how often and how much.

    Attributes:
        asked: for which of its data it was asked, in this order.
    """

    paid: dict[str, int] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    state: str = "paid"
    broken: int = 0
    records: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def call(
        self, system: Any, operation: str, payload: dict[str, Any], deadline: Any, trace: str = ""
    ) -> dict[str, Any]:
        """Answer as a department does; ``broken`` answers are lost after they were carried out."""
        if operation == "resources.query":
            self.asked.append(payload["resource"])
            record = self.records.get(payload["resource"])
            return {"as_of": NOON.isoformat(), "items": [{"subject": 0, "record": record}]}
        assert operation == "payments.submit"
        number = payload["entitlement_no"]
        self.requests.append(payload["request_id"])
        if self.state == "paid" and number not in self.paid:
            self.paid[number] = payload["amount_fen"]
        if self.broken:
            self.broken -= 1
            raise UpstreamError(SYSTEM, "lost")
        state = "paid" if number in self.paid else self.state
        return {
            "entitlement_no": number, "payment_no": "P-1", "state": state,
            "reason": "收款账户已注销" if state == "refused" else None, "as_of": NOON.isoformat(),
        }  # fmt: skip


@dataclass
class World:
    """Everything that a test of policies needs."""

    policies: Policies
    parts: Parts
    department: Department
    moment: list[datetime]
    granted: set[tuple[str, str, str]]

    def move(self, **by: float) -> None:
        """Let time pass."""
        self.moment[0] += timedelta(**by)

    async def publish(self, raw: dict[str, Any]) -> None:
        """Take a document through both hands."""
        editing = self.policies.editing
        row = await editing.save(CLERK, raw)
        await editing.check(CLERK, row.code, row.version)
        await editing.submit(CLERK, row.code, row.version)
        await editing.approve(HEAD, row.code, row.version)


def open_policies(redis: Redis) -> World:
    """One department with a system that pays and has data of its own."""
    moment, department = [NOON], Department()
    granted: set[tuple[str, str, str]] = set()
    named = SimpleNamespace(uscc=USCC, name="省示范厅", code="sample")
    described = SimpleNamespace(department=named, code=SYSTEM, name="示范系统", short_name="示范厅")
    system = SimpleNamespace(
        code=SYSTEM, short_name="示范厅", manifest=SimpleNamespace(system=described),
        offers=lambda operation: True,
    )  # fmt: skip
    own = ("301123/0003", "104001/0001", "301189/0002", "301197/0003", "301189/0001")

    def find(code: str) -> Any:
        items = [SimpleNamespace(name=name) for name in ("insured_staff", "credit_grade", "state")]
        holder = system if code in own else SimpleNamespace(code="gd-other", short_name="别的厅")
        return SimpleNamespace(system=holder, spec=SimpleNamespace(items=items, name="示范数据"))

    exchange = SimpleNamespace(
        systems=lambda: [system], call=department.call,
        system=lambda code: system if code == SYSTEM else None,
    )  # fmt: skip
    sharing = SimpleNamespace(
        catalogue=SimpleNamespace(find=find, get=find),
        purpose_of=lambda system, code: None,
        may_read=lambda system, code, item: (system, code, item) in granted,
    )
    keyring = KeyRing({"k": bytes(32)})
    parts = Parts(
        keyring, BlindIndex(bytes(32)), cast("Exchange", exchange), cast("Sharing", sharing),
        cast("Identity", None), Messages(keyring), open_world(redis).operators, Audit(),
        WorkCalendar(lambda: moment[0]), lambda: moment[0],
    )  # fmt: skip
    return World(Policies(parts, REGIONS), parts, department, moment, granted)


def enterprise(number: int, kind: str = "enterprise", **facts: Any) -> Whose:
    """Somebody who represents an enterprise of this number."""
    uscc = make_uscc("9", "1", "440304", f"MA{number:06d}")
    found = Enterprise.model_validate(
        {
            "uscc": uscc, "name": f"示范{number}有限公司", "kind": kind, "status": "存续",
            "legal_representative": {"name": "张三丰", "id_number": "440106199001010012"},
            "region_code": "440304", "address": "示范路", "established_on": "2020-01-01",
            "registered_capital": 100.0, "industry": {"code": "F5212", "name": "零售"}, **facts,
        }
    )  # fmt: skip
    return Whose(uuid7(), found.holder, found)


def person(number: str = "440106193001010019") -> Whose:
    """A person of that number."""
    return Whose(UUID(int=len(number)), Holder("111", number, "李四"))


async def candidate(world: World, whose: Whose, code: str = "sample-policy") -> str:
    """Somebody who looked at their policies and was found afterwards."""
    await world.policies.matching.mine(whose, "")
    await world.policies.runs.find_candidates()
    row = await PolicyEntitlement.get(
        policy_code=code, holder_index=world.parts.index_of(whose.holder)
    )
    return str(row.id)


async def offered(world: World, whose: Whose) -> str:
    found = await candidate(world, whose)
    await world.policies.deciding.decide(CLERK, found, Act.APPROVE, "")
    return found


async def state(entitlement_id: str) -> State:
    return State((await PolicyEntitlement.get(id=entitlement_id)).state)


async def settle(world: World, rounds: int = 3) -> None:
    for _ in range(rounds):
        await world.policies.payments.drain()
        world.move(minutes=11)
