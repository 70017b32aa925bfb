"""A written decision as a PDF of one page.

It names Adobe's Song type without embedding it (``UniGB-UCS2-H``), as every reader of PDF knows it:
a reference department needs no typefaces and no library for this.
"""

from backend.sandbox.cases.book import CaseRow
from backend.sandbox.cases.items import Item

_LINE, _TOP, _LEFT, _WIDTH = 26, 770, 60, 30


def decision_document(case: CaseRow, item: Item) -> bytes:
    """The document that an approved item without a licence results in."""
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
        f"日期：{day}",
    ]
    return pdf_of(lines)


def pdf_of(lines: list[str]) -> bytes:
    """Lines of text on a page of A4."""
    shown = []
    for number, line in enumerate(lines):
        size = 18 if number == 0 else 12
        text = line.encode("utf-16-be").hex().upper()
        shown.append(f"BT /F1 {size} Tf {_LEFT} {_TOP - number * _LINE} Td <{text}> Tj ET")
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
