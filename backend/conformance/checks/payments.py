"""Benefits: paid once for an entitlement, however often the instruction comes."""

from backend.conformance.asking import payment
from backend.conformance.case import Case
from backend.conformance.rules import Group, Mend

group = Group()
_KEPT = ("entitlement_no", "payment_no", "state")


@group.rule("payments.once", "同一待遇换一个请求编号再送，仍是第一次的回执", "payments.submit")
async def once(case: Case) -> None:
    """Whoever lost the answer instructs again: nobody may be paid twice."""
    first = await case.good(case.first.payload, "提交兑付指令")
    number = case.first.payload["entitlement_no"]
    second = await case.good(payment(case.first.subject, number, "again"), "换请求编号再提交")
    if first["entitlement_no"] != number:
        raise Mend("/entitlement_no 应与指令中的相同")
    if first["state"] != "paid":
        return
    for name in _KEPT:
        if first[name] != second[name]:
            raise Mend(f"再次提交同一 entitlement_no：/{name} 应与第一次的回执相同，不得重复兑付")
