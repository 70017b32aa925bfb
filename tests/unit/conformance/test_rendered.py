"""The report as JUnit XML and as HTML: complete, well formed, and safe whatever a system said."""

import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest

from backend.conformance.service import Check, Outcome, Report, html, junit

NASTY = "<script>alert(1)</script>&\"'\x00\x0b\ud7ff😀]]>"
LICENCES = "licences.query"


def report(*checks: Check) -> Report:
    """A report of these checks."""
    return Report(
        system="gd-x",
        name="某厅<b>政务服务系统",
        address="sandbox",
        base_url="http://127.0.0.1:1/a?b&c",
        key_id="conform-1",
        interface="1",
        began_at="2026-11-25T10:00:00+08:00",
        seconds=1.25,
        checks=checks,
    )


CHECKS = (
    Check("transport.connect", "health", "能够建立连接", Outcome.PASSED, "", 0.01),
    Check("answer.json", LICENCES, "应答正文是 JSON 对象", Outcome.FAILED, NASTY, 0.5),
    Check("answer.schema", LICENCES, "应答符合结构", Outcome.SKIPPED, "没有检查", 0.0),
    Check("holder.timing", LICENCES, "用时相近", Outcome.ADVISED, "可以更好", 0.2),
    Check("run.complete", "", "在限定的时间内完成", Outcome.PASSED, "", 1.25),
)


def test_junit_counts_what_happened() -> None:
    root = ElementTree.fromstring(junit(report(*CHECKS)))  # noqa: S314 (our own)
    assert root.tag == "testsuites"
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5", "failures": "1", "errors": "0", "skipped": "1",
    }  # fmt: skip
    assert [suite.get("name") for suite in root] == ["health", LICENCES, "system"]
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.get("tests", "")) == len(cases)
        assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("skipped", "")) == len(suite.findall("testcase/skipped"))
        assert float(suite.get("time", "")) == pytest.approx(
            sum(float(case.get("time", "")) for case in cases)
        )


def test_junit_says_what_to_mend_at_the_check() -> None:
    root = ElementTree.fromstring(junit(report(*CHECKS)))  # noqa: S314 (our own)
    (failure,) = root.iter("failure")
    assert failure.get("type") == "answer.json"
    assert "<script>alert(1)</script>" in (failure.text or "")
    (case,) = [one for one in root.iter("testcase") if one.find("failure") is not None]
    assert case.get("classname") == f"gd-x.{LICENCES}"
    assert (case.get("name") or "").startswith("answer.json ")
    (advice,) = root.iter("system-out")
    assert advice.text == "可以更好"


def test_junit_is_xml_whatever_was_said() -> None:
    written = junit(report(*CHECKS)).decode()
    assert "\x00" not in written
    assert "\x0b" not in written
    assert written.startswith("<?xml")


class _Outline(HTMLParser):
    """Tags that are open, and texts."""

    VOID = frozenset({"meta", "br", "link", "img", "col"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def outline(page: Report) -> _Outline:
    """A page taken apart; every tag that was opened is closed."""
    parsed = _Outline()
    parsed.feed(html(page).decode())
    parsed.close()
    assert parsed.open == []
    return parsed


def test_html_escapes_everything() -> None:
    parsed = outline(report(*CHECKS))
    assert "script" not in {tag for tag, _ in parsed.tags}
    assert "b" not in {tag for tag, _ in parsed.tags}
    assert any("<script>alert(1)</script>" in text for text in parsed.texts)
    assert any("某厅<b>政务服务系统" in text for text in parsed.texts)


def test_html_stands_alone() -> None:
    page = html(report(*CHECKS)).decode()
    assert re.findall(r"(?:src|href|action)\s*=", page) == []
    assert "@import" not in page
    assert "url(" not in page
    assert "default-src 'none'" in page


def test_html_is_accessible() -> None:
    parsed = outline(report(*CHECKS))
    tags = dict.fromkeys(tag for tag, _ in parsed.tags)
    assert ("html", {"lang": "zh-CN"}) in parsed.tags
    assert {"title", "main", "h1", "caption", "thead", "tbody"} <= tags.keys()
    assert [tag for tag, _ in parsed.tags].count("h1") == 1
    assert all("scope" in attributes for tag, attributes in parsed.tags if tag == "th")
    # The outcome is said in a word beside its mark and colour.
    said = " ".join(parsed.texts)
    for word in ("通过", "未通过", "建议", "未检查"):
        assert word in said


def test_html_lists_what_is_to_be_mended_first() -> None:
    page = html(report(*CHECKS)).decode()
    assert "需要更正的 1 处" in page
    assert page.index("需要更正") < page.index("<table>")
    good = html(report(CHECKS[0], CHECKS[4])).decode()
    assert "需要更正" not in good
    assert "✓ 通过" in good


def test_a_report_without_a_passed_check_has_not_passed() -> None:
    assert not report(CHECKS[2]).passed
    assert report(CHECKS[0], CHECKS[2], CHECKS[3]).passed
    assert not report(CHECKS[0], CHECKS[1]).passed
