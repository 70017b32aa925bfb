"""Where a booking stands, and what leads from one state to another."""

from enum import StrEnum


class State(StrEnum):
    """States of a booking."""

    BOOKED = "booked"  # 已预约
    ARRIVED = "arrived"  # the code was scanned: has a waiting number
    CALLED = "called"  # 叫号
    SERVED = "served"  # 已办理
    CANCELLED = "cancelled"  # by the person
    CALLED_OFF = "called_off"  # by the place
    NO_SHOW = "no_show"  # 爽约
    EXCUSED = "excused"  # not come, and forgiven
    LAPSED = "lapsed"  # came, and the day ended before it was their turn


STATE_NAMES = {
    State.BOOKED: "已预约",
    State.ARRIVED: "等候叫号",
    State.CALLED: "正在叫号",
    State.SERVED: "已办理",
    State.CANCELLED: "已取消",
    State.CALLED_OFF: "窗口已取消",
    State.NO_SHOW: "爽约",
    State.EXCUSED: "已说明未到",
    State.LAPSED: "当日未办",
}
LIVE = (State.BOOKED, State.ARRIVED, State.CALLED)
# What may follow what; nothing else is ever written.
AFTER: dict[State, frozenset[State]] = {
    State.BOOKED: frozenset({State.ARRIVED, State.CANCELLED, State.CALLED_OFF, State.NO_SHOW}),
    State.ARRIVED: frozenset({State.CALLED, State.SERVED, State.NO_SHOW, State.LAPSED}),
    State.CALLED: frozenset({State.CALLED, State.SERVED, State.NO_SHOW, State.LAPSED}),
    State.NO_SHOW: frozenset({State.EXCUSED}),
}


def before(state: State) -> list[State]:
    """The states from which a state is reached."""
    return [one for one, following in AFTER.items() if state in following]
