"""The page in the place of the 电子营业执照 app: an enterprise's licence in a hand, as a code.

For the sandbox alone, as the desk: no login, on loopback. The code is the same as that of the
control interface: a minute long, used up by the first request.
"""

import io

import segno
from aiohttp import web

from backend.sandbox.departments.licence_codes import LIFE_S, Bearer, LicenceDesk
from backend.sandbox.desk.pages import HERE, need_own_page, page
from backend.sandbox.population.cast import cast
from backend.sandbox.problems import Refusal

PATH = "/licence-app"
NAME = "电子营业执照"
_ROLES = {"representative": "负责人", "administrator": "证照管理员", "agent": "办事人"}


class LicenceApp:
    """The pages: whose licence, and its code.

    Args:
        desk: keeps bearers and codes.
    """

    def __init__(self, desk: LicenceDesk) -> None:
        self._desk = desk

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        app.add_routes(
            [
                web.get(PATH, self.choose),
                web.post(PATH, self.show),
                web.get(f"{PATH}/style.css", self.style),
                web.get(f"{PATH}/countdown.js", self.script),
            ]
        )

    async def style(self, request: web.Request) -> web.Response:
        """The style sheet, that of the desk."""
        return web.Response(body=(HERE / "desk.css").read_bytes(), content_type="text/css")

    async def script(self, request: web.Request) -> web.Response:
        """Counts the seconds down and takes away what is over."""
        body = (HERE / "countdown.js").read_bytes()
        return web.Response(body=body, content_type="text/javascript")

    async def choose(self, request: web.Request) -> web.Response:
        """The demo enterprises, and whoever may show their licences."""
        return self._chosen()

    async def show(self, request: web.Request) -> web.Response:
        """The code of one, for a minute; the page again when there is no such licence."""
        need_own_page(request)
        form = await request.post()
        uscc = str(form.get("uscc", "")).strip().upper()
        number = str(form.get("id_number", "")).strip() or None
        try:
            code = self._desk.show(uscc, number)
        except Refusal:
            return self._chosen("没有这家企业，或它的电子营业执照不由此人持有", uscc)
        return page(
            "licence_code.html", NAME, PATH, code=code, drawn=_drawn(code), life_s=LIFE_S,
            licence=self._desk.licence_name(uscc), uscc=uscc, id_number=number or "",
        )  # fmt: skip

    def _chosen(self, wrong: str = "", typed: str = "") -> web.Response:
        found = [
            (one.uscc, one.name, [(each, _ROLES[each.role]) for each in bearers])
            for household in cast()
            for one in household.enterprises
            if (bearers := self._bearers(one.uscc))
        ]
        status = 404 if wrong else 200
        return page(
            "licences.html", NAME, PATH, status=status, found=found, wrong=wrong, typed=typed
        )

    def _bearers(self, uscc: str) -> list[Bearer]:
        try:
            return self._desk.bearers(uscc)
        except Refusal:
            return []


def _drawn(code: str) -> str:
    """The code as a QR code (ISO/IEC 18004): an SVG element without script or style."""
    out = io.BytesIO()
    segno.make(code, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=False, nl=False, border=4, omitsize=True,
        svgclass=None, lineclass=None, dark="#000", light="#fff",
    )  # fmt: skip
    return out.getvalue().decode()
