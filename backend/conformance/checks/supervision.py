"""Decisions of another body that this department supervises (决定抄告), and its receipt.

That a notice which comes again is answered as the first time is ``replay.same_answer``.
"""

from backend.conformance.case import Case
from backend.conformance.rules import Group, Mend

group = Group()
NOTICE = "supervision.notice"


@group.rule("notice.receipt", "抄告的回执对得上办件，不接收时说明理由", NOTICE)
async def receipt(case: Case) -> None:
    """The platform takes the notice for delivered by this receipt."""
    answer = await case.good(case.first.payload, "抄告一项决定")
    if answer["case_no"] != case.first.payload["case_no"]:
        raise Mend("/case_no 应与抄告中的相同")
    if not answer["taken"] and not answer.get("reason"):
        raise Mend("taken 为 false 的回执应有 reason，说明为什么不接收")
