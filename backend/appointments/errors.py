"""Refusals of the appointments package."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any

from backend.errors import DomainError, PlacesWrong

_CHINA = timezone(timedelta(hours=8))


def _china(moment: datetime) -> datetime:
    return moment.astimezone(_CHINA).replace(microsecond=0)


class AppointmentError(DomainError):
    """Base of the package's refusals."""


class PlaceUnknown(AppointmentError):
    """No open place of that code, or not one of the caller's."""

    code = "appointments.place_unknown"
    title = "There is no such place"
    detail = "没有找到这个办事地点，它可能已经搬迁或停用；请另选一个，或拨打 12345 咨询。"
    kind = "not_found"


class PlaceTaken(AppointmentError):
    """The code belongs to a place that somebody else registered."""

    code = "appointments.place_taken"
    title = "The code belongs to another's place"
    detail = "这个地点代码已由其他系统登记，请换一个代码。"
    kind = "conflict"


class PlaceRefused(AppointmentError, PlacesWrong):
    """What was registered contradicts itself or the catalogue; one sentence for each place."""

    code = "appointments.place_refused"
    title = "The description of the place is refused"
    detail = "登记的办事地点有误，请按提示更正。"
    kind = "unprocessable"

    def __init__(self, errors: Sequence[dict[str, str]]) -> None:
        first = errors[0]["message"] if errors else ""
        super().__init__(errors, f"登记的办事地点有误：{first}" if first else None)


class ItemNotHere(AppointmentError):
    """No counter of the place does this item."""

    code = "appointments.item_not_here"
    title = "The item is not done there"
    detail = "这个地点不办理此事项，请到“就近办”里另选一个地点。"
    kind = "conflict"


class TimeNotOffered(AppointmentError):
    """Not a time of the place's published days."""

    code = "appointments.time_not_offered"
    title = "That time is not offered"
    detail = "这个时间不在可预约的范围内，请重新选择日期和时间。"
    kind = "conflict"


class TimeFull(AppointmentError):
    """Every place of that time is taken."""

    code = "appointments.time_full"
    title = "Nothing is left at that time"
    detail = "这个时间已经约满，请选择其他时间；有人取消时会放出名额。"
    kind = "conflict"

    def __init__(self, free: Sequence[datetime] = ()) -> None:
        super().__init__()
        self.free = [_china(each).isoformat() for each in free]

    def context(self) -> dict[str, Any]:
        return {"free": self.free}


class AlreadyBooked(AppointmentError):
    """The same person has a booking for this item on that day."""

    code = "appointments.already_booked"
    title = "Already booked for that day"
    detail = "这一天已经为同一个人约过这件事，请在“我的预约”中查看；要改时间请先取消原预约。"
    kind = "conflict"


class TooManyBooked(AppointmentError):
    """More open bookings than one person needs."""

    code = "appointments.too_many"
    title = "Too many open bookings"
    detail = "您未完成的预约已达上限，请先办完或取消一部分，再预约新的。"
    kind = "conflict"


class Blocked(AppointmentError):
    """Too many times not come: nothing is booked until a day."""

    code = "appointments.blocked"
    title = "Blocked after not coming"
    kind = "forbidden"

    def __init__(self, missed: int, until: date) -> None:
        super().__init__(
            f"您近期已爽约 {missed} 次，{until.month}月{until.day}日起可以再预约。"
            "现在仍可直接到现场取号办理；对记录有异议请拨打 12345。"
        )
        self.until = until

    def context(self) -> dict[str, Any]:
        return {"until": self.until.isoformat()}


class AppointmentUnknown(AppointmentError):
    """No such booking of the caller's, or not at this place."""

    code = "appointments.unknown"
    title = "There is no such booking"
    detail = "没有找到这个预约，请在“我的预约”中查看。"
    kind = "not_found"


class CancelTooLate(AppointmentError):
    """The time up to which it could be cancelled has passed."""

    code = "appointments.cancel_too_late"
    title = "Too late to cancel"
    kind = "conflict"

    def __init__(self, until: datetime, phone: str) -> None:
        by = _china(until)
        self.until = by.isoformat()
        super().__init__(
            f"已过取消时间（{by.month}月{by.day}日 {by:%H:%M} 前可取消）。"
            f"来不了请致电窗口 {phone} 说明。"
        )

    def context(self) -> dict[str, Any]:
        return {"until": self.until}


class StateConflict(AppointmentError):
    """The booking is not in a state in which this can be done."""

    code = "appointments.state_conflict"
    title = "Not possible in this state"
    kind = "conflict"

    def __init__(self, state: str, words: str) -> None:
        super().__init__(f"这个预约现在是“{words}”，不能这样操作；请刷新后再看。")
        self.state = state

    def context(self) -> dict[str, Any]:
        return {"state": self.state}


class NotNow(AppointmentError):
    """The code was scanned on another day, too early or too late."""

    code = "appointments.not_now"
    title = "The code is not for now"
    kind = "conflict"

    def __init__(self, opens: datetime, ends: datetime) -> None:
        first, last = _china(opens), _china(ends)
        super().__init__(
            f"这个预约请在 {first.month}月{first.day}日 {first:%H:%M}–{last:%H:%M} 之间取号。"
        )
        self.opens, self.ends = first.isoformat(), last.isoformat()

    def context(self) -> dict[str, Any]:
        return {"opens": self.opens, "ends": self.ends}


class NobodyWaits(AppointmentError):
    """There is nobody to call at this counter."""

    code = "appointments.nobody_waits"
    title = "Nobody waits"
    detail = "这个窗口现在没有等候的人。"
    kind = "conflict"


class CapacityBelowBooked(AppointmentError):
    """Less capacity than people who have booked already."""

    code = "appointments.capacity_below_booked"
    title = "More people have booked than that"
    kind = "conflict"

    def __init__(self, booked: int) -> None:
        super().__init__(f"这个时间已有 {booked} 人预约，名额不能少于已约人数。")


class CursorRefused(AppointmentError):
    """Not a cursor of this list."""

    code = "appointments.cursor_invalid"
    title = "The cursor is not valid"
    detail = "翻页位置已失效，请从第一页重新查看。"
    kind = "invalid"
