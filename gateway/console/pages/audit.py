"""The audit: for the audit administrator alone, and every reading of it stands in it too."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from sanic import Blueprint, HTTPResponse

from backend.audit.service import EntryPage, Sought
from backend.operators.errors import BEIJING
from backend.operators.service import Role
from gateway.console.frame import PageCall, page
from gateway.edge.audit_file import audit_file

bp = Blueprint("console_audit", url_prefix="/console/audit")

ROLES = (Role.AUDIT_ADMIN,)
FILTERS = ("actor", "subject", "action", "since", "until")
_NOT_A_DAY = "日期填写有误，请按 2026-11-25 的格式填写。"


@page(bp, "GET", "", roles=ROLES, title="审计", menu="审计", order=70)
async def search(call: PageCall) -> HTTPResponse:
    """Newest first, by who, what, whom and when."""
    sought, problem = _sought(call)
    found = EntryPage([], None)
    if not problem:
        cursor = call.query("cursor") or None
        found = await call.province.operators.read_audit(call.officer, sought, cursor)
    given = {name: call.query(name) for name in FILTERS if call.query(name)}
    export = "/console/audit/export" + (f"?{urlencode(given)}" if given else "")
    names = await call.province.operators.usernames(call.officer, found.entries)
    return call.render(
        "audit/search.html", found=found, problem=problem, export=export, names=names
    )


@page(bp, "GET", "/export", roles=ROLES, title="导出审计记录")
async def export(call: PageCall) -> HTTPResponse:
    """The same entries as a file, oldest first."""
    sought, problem = _sought(call)
    if problem:
        return await search(call)
    pieces = await call.province.operators.export_audit(call.officer, sought)
    return audit_file(pieces, datetime.now(UTC))


def _sought(call: PageCall) -> tuple[Sought, str]:
    """The filter that the address names, and what is wrong with it."""
    since, until = _day(call.query("since")), _day(call.query("until"))
    wrong = any(call.query(name) and _day(call.query(name)) is None for name in ("since", "until"))
    texts = {name: call.query(name)[:80] for name in ("actor", "subject", "action")}
    end = until + timedelta(days=1) if until is not None else None
    return Sought(**texts, since=since, until=end), _NOT_A_DAY if wrong else ""


def _day(text: str) -> datetime | None:
    """The beginning of a day in Beijing; None for what is no day that can be looked for."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=BEIJING)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None
