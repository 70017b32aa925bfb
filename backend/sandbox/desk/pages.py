"""Pages of a department's desk under ``/desk``."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
from aiohttp import web
from jinja2 import Environment, FileSystemLoader
from pydantic import ValidationError

from backend.sandbox.cases.acts import CORRECTION_DAYS, ActOrder, order_from, perform
from backend.sandbox.cases.book import CaseBook, CaseRow
from backend.sandbox.cases.clerk import DEFAULT_OFFICER, REMEDIES, Clerk
from backend.sandbox.cases.files import FileFetcher
from backend.sandbox.cases.items import Item
from backend.sandbox.cases.states import STATE_NAMES, STEPS, WORKING
from backend.sandbox.desk.showing import form_lines, history_of, materials_of
from backend.sandbox.problems import Refusal

HERE = Path(__file__).parent
PATH = "/desk"
_SECURITY = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self';"
    " script-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}
VIEWS: Mapping[str, tuple[str, frozenset[str]]] = {
    "new": ("待受理", frozenset({"submitted"})),
    "correction": ("待补正", frozenset({"correction"})),
    "working": ("办理中", WORKING | {"special_procedure"}),
    "handing": ("待送达", frozenset({"approved", "denied", "delivering"})),
    "done": (
        "已办结",
        frozenset({
            "closed", "not_accepted", "transferred", "correction_timeout", "withdrawn",
            "terminated",
        }),
    ),
}  # fmt: skip
# Acts that are offered in each state, in the order of the page.
ACTS: Mapping[str, tuple[str, ...]] = {
    "submitted": ("accept", "correct", "not_accept", "transfer"),
    "correction": ("correction_timeout",),
    "accepted": ("approve", "deny", "start_special", "extend", "terminate"),
    "in_review": ("approve", "deny", "start_special", "extend", "terminate"),
    "in_decision": ("approve", "deny", "start_special", "extend", "terminate"),
    "special_procedure": ("end_special", "terminate"),
    "approved": ("deliver", "delivered"),
    "denied": ("deliver", "delivered"),
    "delivering": ("delivered",),
}


def page(template: str, name: str, path: str, status: int = 200, **values: Any) -> web.Response:
    """A page of the department's server.

    Args:
        name: stands in the head of the page; path: below which it and its style lie.
    """
    text = _templates().get_template(template).render(name=name, path=path, **values)
    return web.Response(text=text, status=status, content_type="text/html", headers=_SECURITY)


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(state_names=STATE_NAMES, step_names={n: s.name for n, s in STEPS.items()})
    return made


class DeskPages:
    """The pages of one department.

    Args:
        name: of the department, for the head of each page.
        items: its service items by code.
        files: fetches what applicants uploaded.
    """

    def __init__(
        self,
        name: str,
        book: CaseBook,
        clerk: Clerk,
        items: Callable[[], Mapping[str, Item]],
        files: FileFetcher,
    ) -> None:
        self._name, self._book, self._clerk = name, book, clerk
        self._items, self._files = items, files

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        app.add_routes(
            [
                web.get(PATH, self.list_cases),
                web.get(f"{PATH}/style.css", self.style),
                web.get(f"{PATH}/cases/{{case_no}}", self.show),
                web.post(f"{PATH}/cases/{{case_no}}", self.act),
                web.get(f"{PATH}/cases/{{case_no}}/files/{{file_id}}", self.file),
            ]
        )

    async def style(self, request: web.Request) -> web.Response:
        """The style sheet."""
        return web.Response(body=(HERE / "desk.css").read_bytes(), content_type="text/css")

    async def list_cases(self, request: web.Request) -> web.Response:
        """What waits for somebody."""
        view = request.query.get("view", "new")
        if view not in VIEWS:
            raise web.HTTPNotFound
        counts = self._book.counts()
        tabs = [
            (code, title, sum(counts.get(state, 0) for state in states))
            for code, (title, states) in VIEWS.items()
        ]
        rows = [(case, self._item_name(case)) for case in self._book.cases(VIEWS[view][1])]
        notices = self._book.notices()
        return self._page("list.html", view=view, tabs=tabs, rows=rows, notices=notices)

    async def show(self, request: web.Request) -> web.Response:
        """One case: what came in, what was done, what can be done now."""
        return self._case_page(self._known(request))

    async def act(self, request: web.Request) -> web.Response:
        """What the clerk does; back to the case, or the page again with what is wrong."""
        need_own_page(request)
        case = self._known(request)
        fields = {name: str(value) for name, value in (await request.post()).items()}
        try:
            order = ActOrder.model_validate(order_from(_order_of(fields)))
            perform(self._clerk, case.case_no, order)
        except ValidationError:
            return self._case_page(case, "填写有误，请检查后再提交", fields)
        except Refusal as refused:
            return self._case_page(case, _WORDS.get(refused.code, refused.title), fields)
        raise web.HTTPSeeOther(f"{PATH}/cases/{case.case_no}?done={order.action}")

    async def file(self, request: web.Request) -> web.Response:
        """What the applicant uploaded, fetched from the platform and held against its digest."""
        case = self._known(request)
        found = next(
            (
                file
                for material in case.submission["materials"]
                for file in material.get("files", [])
                if file["id"] == request.match_info["file_id"]
            ),
            None,
        )
        if found is None:
            raise web.HTTPNotFound
        content = await self._files.fetch(case.case_no, found)
        headers = {**_SECURITY, "content-disposition": "inline"}
        headers["content-security-policy"] = "default-src 'none'; sandbox"
        return web.Response(body=content, content_type=found["media_type"], headers=headers)

    def _case_page(
        self, case: CaseRow, wrong: str = "", typed: Mapping[str, str] | None = None
    ) -> web.Response:
        item = self._items().get(case.item_code)
        events = self._book.events(case.case_no)
        return self._page(
            "case.html",
            status=400 if wrong else 200,
            case=case,
            item_name=self._item_name(case),
            lines=form_lines(case, item),
            materials=materials_of(case),
            history=history_of(events),
            urges=self._book.requests_of(case.case_no, "cases.urge"),
            acts=ACTS.get(case.state, ()),
            officer=DEFAULT_OFFICER,
            remedies=REMEDIES,
            correction_days=CORRECTION_DAYS,
            wrong=wrong,
            typed=typed or {},
            last=orjson.loads(events[-1].body) if events else None,
        )

    def _page(self, template: str, status: int = 200, **values: Any) -> web.Response:
        return page(template, f"{self._name} · 办件窗口", PATH, status=status, **values)

    def _item_name(self, case: CaseRow) -> str:
        item = self._items().get(case.item_code)
        return item.name if item else case.item_code

    def _known(self, request: web.Request) -> CaseRow:
        case = self._book.case(request.match_info["case_no"])
        if case is None:
            raise web.HTTPNotFound
        return case


_WORDS = {
    "control.reason_missing": "请写明理由",
    "control.items_missing": "请勾选或写明需要补正的内容",
    "control.to_missing": "请写明转给哪个部门办理和联系电话",
    "control.step_impossible": "办件的状态已经变了，不能再这样处理；请看最新的状态",
}


def _order_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """The order that the fields of a form stand for."""
    kept = {"action", "officer", "reason", "special", "workdays", "due_on", "to"}
    order: dict[str, Any] = {name: fields[name] for name in kept & fields.keys()}
    if fields.get("action") == "correct":
        order["items"] = [
            *(
                {"material": name.removeprefix("material_"), "what": _asked(fields, name)}
                for name in fields
                if name.startswith("material_")
            ),
            *(
                {"field": f"/{name.removeprefix('field_')}", "what": _asked(fields, name)}
                for name in fields
                if name.startswith("field_")
            ),
            *({"what": line} for line in fields.get("other", "").splitlines() if line.strip()),
        ]
    if fields.get("action") == "deliver":
        wanted = ("how", "carrier", "tracking_no", "place")
        order["delivery"] = {name: fields[name] for name in wanted if fields.get(name)}
    return order


def _asked(fields: Mapping[str, str], name: str) -> str:
    return fields.get(f"what_{name}") or f"请重新提供{fields[name]}"


def need_own_page(request: web.Request) -> None:
    """A change comes from a page of this server.

    Raises:
        Refusal: it comes from a page of somebody else.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.host
    if site not in ("same-origin", "none") or foreign:
        raise Refusal(403, "control.foreign_page", "Act from the desk's own pages")
