"""What the front end asks first: the names, versions and switches that it needs to start."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import orjson
from pydantic import Field
from sanic import Blueprint

from backend.exchange.service import ProviderSystem
from backend.settings import Settings
from gateway.edge.access import PUBLIC
from gateway.edge.endpoint import Call, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("public_bootstrap", url_prefix="/api/v1/public/bootstrap")

NAME = "省事通"
HOTLINE = "12345"
# How long beforehand people are told that a system will rest.
AHEAD = timedelta(days=1)


class RegionName(Out):
    """A region by code and name."""

    code: str = Field(examples=["440000"])
    name: str = Field(examples=["广东省"])


class AgreementVersion(Out):
    """The version of an agreement that is in force."""

    version: str = Field(examples=["2026-11-01"])


class WechatSwitch(Out):
    """Whether login by WeChat is set up."""

    enabled: bool


class DemoPerson(Out):
    """An invented person of the sandbox, to try the platform with."""

    name: str
    phone: str
    id_number: str
    says: str


class Maintenance(Out):
    """When a system rests, as it announced beforehand."""

    system: str = Field(examples=["gd-yibao"])
    starts_at: Moment
    ends_at: Moment
    words: str = Field(examples=["系统升级维护"])


class Bootstrap(Out):
    """What the front end needs to start."""

    name: str = Field(examples=[NAME])
    sandbox: bool
    home_region: RegionName
    privacy: AgreementVersion
    face_notice: AgreementVersion
    hotline: str = Field(examples=[HOTLINE])
    wechat: WechatSwitch
    demo_people: list[DemoPerson] = Field(description="empty outside the sandbox")
    maintenance: list[Maintenance] = Field(description="that runs now or begins within a day")


@endpoint(
    bp, "GET", "", access=PUBLIC, summary="What the front end needs to start", answer=Bootstrap
)
async def bootstrap(call: Call[None, None]) -> Bootstrap:
    """Names, versions and switches; in the sandbox also the demo people."""
    settings = call.province.settings
    region = call.province.regions.get(settings.home_region)
    identity = call.province.identity
    return Bootstrap(
        name=NAME,
        sandbox=settings.sandbox,
        home_region=RegionName(code=region.code, name=region.name),
        privacy=AgreementVersion(version=identity.agreement("privacy").version),
        face_notice=AgreementVersion(version=identity.agreement("face").version),
        hotline=HOTLINE,
        wechat=WechatSwitch(enabled=bool(settings.wechat_app_id)),
        demo_people=_demo_people(settings) if settings.sandbox else [],
        maintenance=_maintenance(call.province.exchange.systems(), datetime.now(UTC)),
    )


def _maintenance(systems: Iterable[ProviderSystem], now: datetime) -> list[Maintenance]:
    return [
        Maintenance(
            system=system.code, starts_at=window.starts_at, ends_at=window.ends_at,
            words=window.words,
        )
        for system in systems
        for window in system.windows
        if window.ends_at > now and window.starts_at - now < AHEAD
    ]  # fmt: skip


def _demo_people(settings: Settings) -> list[DemoPerson]:
    return list(_read_people(settings.data_dir / "sandbox" / "demo_people.json"))


@cache
def _read_people(path: Path) -> tuple[DemoPerson, ...]:
    if not path.exists():
        return ()
    return tuple(DemoPerson(**person) for person in orjson.loads(path.read_bytes()))
