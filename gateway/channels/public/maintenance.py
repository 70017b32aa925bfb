"""Which systems rest now or will: announced ahead, for anyone to read."""

from datetime import datetime

from sanic import Blueprint

from gateway.edge.access import PUBLIC
from gateway.edge.endpoint import Call, Out, endpoint

bp = Blueprint("public_maintenance", url_prefix="/api/v1/public/maintenance")


class MaintenanceOut(Out):
    """A maintenance window of a system."""

    system: str
    name: str
    starts_at: datetime
    ends_at: datetime
    words: str


class MaintenanceList(Out):
    """Windows that run or are to come, the next first."""

    items: list[MaintenanceOut]


@endpoint(
    bp, "GET", "", access=PUBLIC, summary="Announced maintenance", answer=MaintenanceList,
)  # fmt: skip
async def list_maintenance(call: Call[None, None]) -> MaintenanceList:
    """Of every system in service."""
    found = [
        MaintenanceOut(
            system=system.code,
            name=system.name,
            starts_at=window.starts_at,
            ends_at=window.ends_at,
            words=window.words,
        )
        for system in call.province.exchange.systems()
        for window in system.windows
    ]
    return MaintenanceList(items=sorted(found, key=lambda one: one.starts_at))
