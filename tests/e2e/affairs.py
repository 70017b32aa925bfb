"""What somebody has under way and behind them, made over HTTP for the pages that show it."""

import time
from dataclasses import dataclass
from typing import Any

import httpx

from tests.e2e.applying import RECEIPT, handed_in, item_of
from tests.e2e.people import CITIZEN, Visitor, done
from tests.provinces import Platform

SOCIAL_CARD = "办社保卡"
WITHIN_S = 60.0


@dataclass(frozen=True)
class Affairs:
    """Ids of one person's affairs; ``item`` can be applied for, ``place`` be booked at."""

    item: str
    draft: str
    case_no: str
    ended: str
    place: str
    booked_item: str
    booking: str
    ticket: str
    evaluation: str


def affairs_of(province: Platform, http: httpx.Client, me: Visitor) -> Affairs:
    """One of each: a draft, a case under way, one to judge, one judged, a booking, a complaint."""
    item = str(item_of(http, RECEIPT)["id"])
    ended, judged = (_ended(province, http, me) for _ in range(2))
    body: dict[str, Any] = {"item_code": item, "for": {"kind": "self", "id": ""}}
    draft = done(http.post(f"{CITIZEN}/cases/drafts", json=body, headers=me.header))
    body = {
        "event_kind": "case", "event_id": judged, "level": 5, "tags": [], "text": "跑了两趟",
        "anonymous": False, "channel": "web",
    }  # fmt: skip
    given = done(http.post(f"{CITIZEN}/evaluations", json=body, headers=me.header))
    body = {
        "kind": "complaint", "title": "窗口提前下班", "content": "下午四点就不办了",
        "region_code": "440106",
    }  # fmt: skip
    ticket = done(http.post(f"{CITIZEN}/consultations", json=body, headers=me.header))
    booked_item = str(item_of(http, SOCIAL_CARD)["id"])
    place, booking = _booked(http, me, booked_item)
    return Affairs(
        item, draft["id"], handed_in(http, me), ended, place, booked_item, booking,
        ticket["ticket_no"], given["id"],
    )  # fmt: skip


def _ended(province: Platform, http: httpx.Client, me: Visitor) -> str:
    """Id of a case that the department did not accept."""
    case_no = handed_in(http, me)
    control = f"{province.systems['gd-gongan']}/_control/cases/{case_no}"
    order = {"action": "not_accept", "reason": "不在本机关管辖范围内"}
    until = time.monotonic() + WITHIN_S
    while not httpx.post(control, json=order).is_success:
        assert time.monotonic() < until, "the department does not have the case"
        time.sleep(0.2)
    while True:
        case = done(http.get(f"{CITIZEN}/cases/{case_no}", headers=me.header))
        if case["ended"]:
            return str(case["id"])
        assert time.monotonic() < until, "the case does not end"
        time.sleep(0.2)


def _booked(http: httpx.Client, me: Visitor, item: str) -> tuple[str, str]:
    """The last free time of the first place near by: code of the place, id of the booking."""
    points = "/api/v1/public/service-points"
    near = done(http.get(points, params={"item": item, "region": "440106"}))["items"]
    place = str(near[0]["code"])
    days = done(http.get(f"{points}/{place}/times", params={"item": item}))["days"]
    free = [one for day in days for one in day["times"] if one["left"]]
    body = {"item": item, "place": place, "starts_at": free[-1]["starts_at"]}
    booked = done(http.post(f"{CITIZEN}/appointments", json=body, headers=me.header))
    return place, str(booked["id"])
