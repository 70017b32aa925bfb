"""What every control interface of the sandbox has: faults, waiting time, call counts.

A control interface exists only here; a real system has nothing of the kind. It is not signed, so
it listens on loopback like everything in the sandbox and takes ``application/json`` alone, which
keeps the pages of a browser on the same machine out.
"""

from collections.abc import Collection
from typing import Any, TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.sandbox.faults import FaultSpec, Switchboard
from backend.sandbox.problems import Refusal, mistakes

PREFIX = "/_control"
OrderT = TypeVar("OrderT", bound=BaseModel)


class Order(BaseModel):
    """Base of what a control interface takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LatencyOrder(Order):
    """``PUT /_control/latency``."""

    median_ms: float = Field(ge=0, le=60_000)
    sigma: float = Field(0.0, ge=0, le=3)


class BoardControl:
    """``/_control/faults``, ``/latency`` and ``/calls`` of one server.

    Args:
        operations: names that a fault may be limited to.
        kinds: faults that make sense at this server.
    """

    def __init__(
        self, board: Switchboard, operations: Collection[str], kinds: Collection[str]
    ) -> None:
        self._board, self._operations, self._kinds = board, operations, kinds

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        app.add_routes(
            [
                web.post(f"{PREFIX}/faults", self.add_fault),
                web.delete(f"{PREFIX}/faults", self.clear_faults),
                web.put(f"{PREFIX}/latency", self.set_latency),
                web.get(f"{PREFIX}/calls", self.calls),
                web.delete(f"{PREFIX}/calls", self.reset_calls),
            ]
        )

    def state(self) -> dict[str, Any]:
        """Waiting time, faults that are on, and calls so far."""
        latency = self._board.latency
        return {
            "latency": {"median_ms": latency.median_ms, "sigma": latency.sigma},
            "faults": self._board.state(),
            "calls": dict(self._board.calls),
        }

    async def add_fault(self, request: web.Request) -> web.Response:
        """Switch a fault on."""
        spec = await read_order(request, FaultSpec)
        if spec.operation is not None and spec.operation not in self._operations:
            known = ", ".join(sorted(self._operations))
            raise Refusal(404, "control.operation_unknown", f"Operations here: {known}")
        if spec.kind not in self._kinds:
            known = ", ".join(sorted(self._kinds))
            raise Refusal(400, "control.fault_unknown", f"Faults here: {known}")
        self._board.add(spec)
        return json_answer({"faults": self._board.state()}, 201)

    async def clear_faults(self, request: web.Request) -> web.Response:
        """Switch off the faults of ``?operation=``, or all."""
        return json_answer({"cleared": self._board.clear(request.query.get("operation"))})

    async def set_latency(self, request: web.Request) -> web.Response:
        """Set the waiting time."""
        order = await read_order(request, LatencyOrder)
        self._board.latency.median_ms, self._board.latency.sigma = order.median_ms, order.sigma
        return json_answer(order.model_dump())

    async def calls(self, request: web.Request) -> web.Response:
        """Calls per operation since the start or the last reset."""
        return json_answer({"calls": dict(self._board.calls)})

    async def reset_calls(self, request: web.Request) -> web.Response:
        """Count from nought again."""
        self._board.calls.clear()
        return json_answer({"calls": {}})


async def read_order(request: web.Request, model: type[OrderT]) -> OrderT:
    """Read the JSON body of a control call.

    Raises:
        Refusal: another media type, no JSON, or not this order.
    """
    if request.content_type != "application/json":
        raise Refusal(415, "control.media_type_unsupported", "Send application/json")
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as error:
        found = mistakes(error)
    raise Refusal(400, "control.order_invalid", "The order breaks the schema", errors=found)


def json_answer(document: Any, status: int = 200) -> web.Response:
    """A JSON answer of the control interface."""
    return web.Response(status=status, body=orjson.dumps(document), content_type="application/json")
