"""A carrier's SMS gateway, as ``backend/upstream/sms.py`` describes the hook.

It keeps one SMS per id however often it is asked, as a carrier that is worth its money does.
"""

from collections import OrderedDict

from aiohttp import web
from pydantic import Field

from backend.sandbox.control import PREFIX, Order, json_answer, read_order

MOST_KEPT = 1000


class SmsOrder(Order):
    """``POST /sms/messages``: one SMS."""

    id: str = Field(min_length=1, max_length=64)
    phone: str = Field(pattern=r"^\+\d{6,18}$")
    text: str = Field(min_length=1, max_length=500)


class Trouble(Order):
    """``PUT /_control/sms``: what the gateway answers from now on; 0 lets it work."""

    status: int = Field(0, ge=0, le=599)
    after_taking: bool = False


class Carrier:
    """Takes SMS, and shows those taken at ``GET /_control/sms``."""

    def __init__(self) -> None:
        self.sent: OrderedDict[str, SmsOrder] = OrderedDict()
        self.trouble = Trouble(status=0)

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        app.add_routes(
            [
                web.post("/sms/messages", self.take),
                web.get(f"{PREFIX}/sms", self.messages),
                web.put(f"{PREFIX}/sms", self.set_trouble),
            ]
        )

    async def take(self, request: web.Request) -> web.Response:
        """Take one SMS; the same id again is answered with 409 and sends nothing."""
        trouble = self.trouble
        if trouble.status and not trouble.after_taking:
            return web.Response(status=trouble.status)
        order = await read_order(request, SmsOrder)
        known = order.id in self.sent
        self.sent.setdefault(order.id, order)
        while len(self.sent) > MOST_KEPT:
            self.sent.popitem(last=False)
        if trouble.status:
            return web.Response(status=trouble.status)
        return json_answer({"id": order.id}, 409 if known else 202)

    async def messages(self, request: web.Request) -> web.Response:
        """What was sent, oldest first."""
        return json_answer({"items": [order.model_dump() for order in self.sent.values()]})

    async def set_trouble(self, request: web.Request) -> web.Response:
        """Let the gateway fail, before or after it took an SMS."""
        self.trouble = await read_order(request, Trouble)
        return json_answer(self.trouble.model_dump())
