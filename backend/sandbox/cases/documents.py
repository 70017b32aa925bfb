"""A written decision as a PDF of one page.

It names Adobe's Song type without embedding it (``UniGB-UCS2-H``), as every reader of PDF knows it:
a reference department needs no typefaces and no library for this.
"""

from collections.abc import Mapping
from typing import Any

from backend.sandbox.cases.book import CaseRow
from backend.sandbox.cases.items import Item

_LINE, _TOP, _LEFT, _WIDTH = 26, 770, 60, 30


def decision_document(case: CaseRow, item: Item, seal: str) -> bytes:
    """The document that an approved item without a licence results in, under the body's seal.

    Where the duties are divided, it names who accepted, who decides and who supervises.
    """
    applicant = case.submission["applicant"]["name"]
    day = case.changed_at[:10]
    lines = [
        item.result_name,
        "",
        f"办件编号：{case.case_no}",
        f"部门编号：{case.department_case_no}",
        f"申请人：{applicant}",
        "",
        *_wrapped(
            f"您申请的“{item.name}”经审查符合条件，现予办理。本件为沙箱演示文书，无法律效力。"
        ),
        "",
        *_division_lines(case.submission.get("division")),
        f"日期：{day}",
    ]
    return pdf_of(lines, seal)


def _division_lines(division: Mapping[str, Any] | None) -> list[str]:
    if division is None:
        return []
    accepting, deciding, supervising = (
        division[duty]["name"] for duty in ("accepting", "deciding", "supervising")
    )
    return [
        "职责分工（一枚印章管到底）",
        f"受理：{accepting}　决定：{deciding}",
        f"监管：{supervising}",
        *_wrapped(f"依据：{division['legal_basis']}"),
        "",
    ]


def pdf_of(lines: list[str], seal: str = "") -> bytes:
    """Lines of text on a page of A4, and a seal with its words at the foot."""
    shown = []
    for number, line in enumerate(lines):
        size = 18 if number == 0 else 12
        text = line.encode("utf-16-be").hex().upper()
        shown.append(f"BT /F1 {size} Tf {_LEFT} {_TOP - number * _LINE} Td <{text}> Tj ET")
    if seal:
        shown += _seal(seal)
    stream = "\n".join(shown).encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H"
        b" /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 7 0 R"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [0 -200 1000 900]"
        b" /ItalicAngle 0 /Ascent 850 /Descent -150 /CapHeight 850 /StemV 80 >>",
    ]
    return _assembled(objects)


def _seal(words: str) -> list[str]:
    """A red ring with the words of the seal, one part below the other."""
    x, y, r = 430, 200, 70
    k = r * 0.5523
    ring = (
        f"{x + r} {y} m {x + r} {y + k:.1f} {x + k:.1f} {y + r} {x} {y + r} c"
        f" {x - k:.1f} {y + r} {x - r} {y + k:.1f} {x - r} {y} c"
        f" {x - r} {y - k:.1f} {x - k:.1f} {y - r} {x} {y - r} c"
        f" {x + k:.1f} {y - r} {x + r} {y - k:.1f} {x + r} {y} c S"
    )
    drawn = ["0.75 0.1 0.1 RG 0.75 0.1 0.1 rg 3 w", ring]
    for number, part in enumerate(words.split()):
        text = part.encode("utf-16-be").hex().upper()
        size = min(16, 2 * (r - 8) // len(part))
        left = x - len(part) * size / 2
        drawn.append(f"BT /F1 {size} Tf {left:.0f} {y + 6 - number * 24} Td <{text}> Tj ET")
    return drawn


def _assembled(objects: list[bytes]) -> bytes:
    written = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        written += b"%010d 00000 n \n" % place
    written += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    return bytes(written + b"startxref\n%d\n%%%%EOF\n" % start)


def _wrapped(text: str) -> list[str]:
    return [text[start : start + _WIDTH] for start in range(0, len(text), _WIDTH)]
