"""What is special about the licences of a newborn: numbers of their own, one for each child."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stdnum.iso7064 import mod_11_2

from backend.numbers.holder import Holder
from backend.sandbox.cases.book import CaseRow

BIRTH, HOUSEHOLD, CARD = "出生医学证明", "居民户口簿", "社会保障卡"
_CITIZEN = "111"


@dataclass(frozen=True, slots=True)
class Special:
    """How a licence is issued.

    Attributes:
        holder: whose it is, where that is another than the applicant.
        number: as it is printed; empty for that of the case.
        face: facts beside those of the form.
        lasts: without an end.
        anew: beside another one of its type that the holder has, instead of replacing it.
        enters: a child who enters the population register with it.
    """

    holder: Holder | None = None
    number: str = ""
    face: Mapping[str, Any] | None = None
    lasts: bool = False
    anew: bool = False
    enters: Holder | None = None


def special(name: str, case: CaseRow) -> Special:
    """What is special about a licence of that name for this case."""
    form = case.submission["form"]
    if name == BIRTH:
        return Special(number=f"R{_lot(case.case_no) % 10**9:09d}", lasts=True, anew=True)
    if name == HOUSEHOLD and form.get("born_on"):
        child = Holder(_CITIZEN, _citizen_number(case, form), str(form["child"]))
        return Special(face={"child_id": child.code}, lasts=True, anew=True, enters=child)
    if name == CARD and form.get("under_age") and form.get("child_id"):
        return Special(holder=Holder(_CITIZEN, str(form["child_id"]), str(form["name"])))
    return Special()


def _citizen_number(case: CaseRow, form: Mapping[str, Any]) -> str:
    """公民身份号码 (GB 11643): it follows from the case, so that none gives two."""
    sequence = _lot(case.case_no) % 499
    odd = form.get("sex") == "男"
    seventeen = (
        f"{str(form['region_code'])[:6]}{str(form['born_on']).replace('-', '')}"
        f"{2 * sequence + odd:03d}"
    )
    return seventeen + str(mod_11_2.calc_check_digit(seventeen))


def _lot(case_no: str) -> int:
    return int.from_bytes(hashlib.sha256(case_no.encode()).digest()[:6])
