"""回执: what the applicant has in hand: one stamped page that anybody can check.

The code on it is made from the number of the case under a key, so nothing has to be kept for it;
the page is drawn when it is fetched, and says what was received, by whom and when.
"""

import asyncio
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hmac import compare_digest
from pathlib import Path

from PIL import Image, ImageDraw

from backend.calendar.service import BEIJING
from backend.cases.content import RELATIONS, Content
from backend.cases.errors import ReceiptUnknown
from backend.cases.models import Case
from backend.cases.numbering import is_case_no
from backend.cases.parts import Parts
from backend.cases.views import Views
from backend.divisions.service import Shared
from backend.identity.service import Session
from backend.numbers.service import mask_name, mask_number
from backend.wallet.service import Typeface

_WIDTH, _HEIGHT = 1240, 1754  # A4 at 150 dots an inch
_MARGIN, _LABEL, _TEXT, _LINE = 110, 260, 30, 52
_INK, _SOFT, _RED = (31, 35, 41), (81, 86, 93), (176, 42, 33)
_CODE_CHARS = 24
_HOW = {
    "licence": "电子证照（免提交）", "upload": "已上传", "promised": "容缺后补",
    "commitment": "告知承诺", "shared": "数据共享（免提交）",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CheckedReceipt:
    """What anybody who holds a receipt may know of it; the applicant is masked."""

    case_no: str
    item_name: str
    department_name: str
    applicant: str
    submitted_at: datetime
    delivered: bool


class ReceiptPages:
    """Draws receipts and checks them.

    Args:
        origin: of the public pages; fonts: folder of the typeface.
    """

    def __init__(self, parts: Parts, views: Views, origin: str, fonts: Path) -> None:
        self._parts, self._views, self._origin, self._fonts = parts, views, origin, fonts
        self._typeface: Typeface | None = None

    async def pdf(self, session: Session, case_no: str, uscc: str = "") -> bytes:
        """The receipt of a case.

        Raises:
            CaseUnknown, FaceUnavailable: no typeface is installed.
        """
        case = await self._views.find(session, case_no, uscc)
        view = await self._views.view(case, None)
        return await asyncio.to_thread(partial(self._draw, case, view.content, view.division))

    async def check(self, case_no: str, code: str) -> CheckedReceipt:
        """Whether a receipt is genuine.

        Raises:
            ReceiptUnknown.
        """
        plain = code.upper().replace("-", "").replace(" ", "")
        case = await Case.get_or_none(case_no=case_no) if is_case_no(case_no) else None
        if case is None or not compare_digest(plain.encode(), self._code(case_no).encode()):
            raise ReceiptUnknown
        applicant = self._views.content_of(case).applicant
        name = applicant.name if applicant.code_type == "001" else mask_name(applicant.name)
        return CheckedReceipt(
            case.case_no, case.item_name, case.department_name, name, case.submitted_at,
            case.delivered_at is not None,
        )  # fmt: skip

    def _code(self, case_no: str) -> str:
        return self._parts.index.of("case-receipt", case_no)[:_CODE_CHARS].upper()

    def _draw(self, case: Case, content: Content, division: Shared | None) -> bytes:
        if self._typeface is None:
            self._typeface = Typeface(self._fonts)
        typeface = self._typeface
        page = Image.new("RGB", (_WIDTH, _HEIGHT), (255, 255, 255))
        canvas = ImageDraw.Draw(page)
        title = "政务服务网上申请回执"
        left = (_WIDTH - typeface.width(title, 52, bold=True)) / 2
        typeface.draw(canvas, (left, 190), title, 52, _INK, bold=True)
        canvas.line((_MARGIN, 240, _WIDTH - _MARGIN, 240), fill=_RED, width=4)
        base = 320
        for label, words in self._rows(case, content, division):
            typeface.draw(canvas, (_MARGIN, base), label, _TEXT, _SOFT)
            room = _WIDTH - 2 * _MARGIN - _LABEL
            for line in typeface.wrap(words, _TEXT, room, 6):
                typeface.draw(canvas, (_MARGIN + _LABEL, base), line, _TEXT, _INK)
                base += _LINE
            base += 14
        _stamp(canvas, typeface, max(base + 60, 1180), _moment(case.submitted_at)[:10])
        return _as_pdf(page, case.submitted_at)

    def _rows(
        self, case: Case, content: Content, division: Shared | None
    ) -> Sequence[tuple[str, str]]:
        code = self._code(case.case_no)
        spaced = "-".join(code[place : place + 6] for place in range(0, len(code), 6))
        applicant = content.applicant
        number = mask_number(applicant.code) if applicant.code_type != "001" else applicant.code
        rows = [
            ("办件编号", case.case_no), ("申请事项", case.item_name),
            ("办理部门", case.department_name), ("申请人", f"{applicant.name}（{number}）"),
        ]  # fmt: skip
        if content.agent is not None:
            agent = content.agent
            rows.append(("经办人", f"{agent.holder.name}（{RELATIONS[agent.relation]}）"))
        if division is not None:
            rows.append(("职责分工", division.words))
        materials = "、".join(
            f"第{code[1:]}项 {_HOW[one['how']]}" for code, one in sorted(content.materials.items())
            if one["how"] in _HOW
        )  # fmt: skip
        return [
            *rows, ("提交材料", materials or "按办事指南免提交"),
            ("提交时间", _moment(case.submitted_at)),
            (
                "说明",
                "部门应在 5 个工作日内告知是否受理；材料不齐的，一次告知需要补正的全部内容，"
                "逾期不告知的，自收到申请材料之日起即为受理（《行政许可法》第三十二条）。",
            ),
            ("回执核验码", spaced),
            ("核验地址", f"{self._origin}/api/v1/public/case-receipts/{case.case_no}/{code}"),
        ]  # fmt: skip


def _stamp(canvas: ImageDraw.ImageDraw, typeface: Typeface, top: int, day: str) -> None:
    """The mark of the platform: it says that it received, and decides nothing."""
    left, width, height = _WIDTH - _MARGIN - 380, 380, 170
    canvas.rectangle((left, top, left + width, top + height), outline=_RED, width=6)
    for line, (words, size) in enumerate(
        (("网上申请已收到", 40), ("省事通·回执专用", 30), (day, 28))
    ):
        place = left + (width - typeface.width(words, size, bold=line == 0)) / 2
        typeface.draw(canvas, (place, top + 58 + line * 46), words, size, _RED, bold=line == 0)


def _as_pdf(page: Image.Image, made: datetime) -> bytes:
    out, moment = io.BytesIO(), time.gmtime(made.timestamp())
    page.save(
        out, "PDF", resolution=150.0, quality=90, producer="shengshitong",
        creationDate=moment, modDate=moment,
    )  # fmt: skip
    return out.getvalue()


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
