"""What workers say of a system, put together."""

from backend.exchange.service import LineState
from gateway.console.pages.states import summed


def line(worker: str, breaker: str, system: str = "gd-x", **more: object) -> LineState:
    values = {
        "system": system, "operation": "licences.list", "breaker": breaker, "opened": 1,
        "opens_again_s": 0.0, "rest_s": 0.0, "waiting": 2, "places": 20, "connections": 1,
        "outcomes": {"ok": 7, "refused": 3, "timeout": 3, "retried": 9}, "mean_ms": 10.0,
        "worker": worker,
    }  # fmt: skip
    return LineState(**{**values, **more})  # type: ignore[arg-type]


def test_the_worker_that_is_worst_off_decides_and_numbers_add_up() -> None:
    (one,) = summed([line("a", "closed"), line("b", "open", opens_again_s=4.2, mean_ms=None)])
    assert (one.breaker, one.wait_s) == ("open", 4.2)
    assert (one.good, one.bad, one.waiting, one.places, one.opened) == (20, 6, 4, 40, 2)
    assert (one.mean_ms, one.workers) == (10.0, 2)


def test_what_is_broken_comes_first() -> None:
    states = [line("a", "closed", "a"), line("a", "half_open", "b"), line("a", "open", "c")]
    assert [one.system for one in summed(states)] == ["c", "b", "a"]


def test_before_the_first_call_there_is_nothing() -> None:
    assert summed([]) == []
