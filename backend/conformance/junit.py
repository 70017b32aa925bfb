"""The report as JUnit XML, which every build server shows: one suite for each operation."""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from backend.conformance.report import Check, Outcome, Report

# What XML 1.0 cannot carry, escaped or not.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
WHOLE = "system"


def junit(report: Report) -> bytes:
    """The report in UTF-8."""
    counts = report.counts
    root = Element(
        "testsuites",
        name=f"conformance {report.system}",
        tests=str(len(report.checks)),
        failures=str(counts[Outcome.FAILED]),
        errors="0",
        skipped=str(counts[Outcome.SKIPPED]),
        time=f"{report.seconds:.3f}",
        timestamp=report.began_at,
    )
    for operation in report.operations:
        _suite(root, report, operation)
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _suite(root: Element, report: Report, operation: str) -> None:
    checks = report.of(operation)
    by_outcome = [check.outcome for check in checks]
    suite = SubElement(
        root,
        "testsuite",
        name=operation or WHOLE,
        tests=str(len(checks)),
        failures=str(by_outcome.count(Outcome.FAILED)),
        errors="0",
        skipped=str(by_outcome.count(Outcome.SKIPPED)),
        time=f"{sum(check.seconds for check in checks):.3f}",
        timestamp=report.began_at,
    )
    properties = SubElement(suite, "properties")
    for name in ("system", "address", "base_url", "key_id", "interface"):
        SubElement(properties, "property", name=name, value=_text(getattr(report, name)))
    for check in checks:
        _case(suite, report, check)


def _case(suite: Element, report: Report, check: Check) -> None:
    case = SubElement(
        suite,
        "testcase",
        classname=f"{report.system}.{check.operation or WHOLE}",
        name=_text(f"{check.id} {check.title}"),
        time=f"{check.seconds:.3f}",
    )
    mend = _text(check.mend)
    match check.outcome:
        case Outcome.FAILED:
            SubElement(case, "failure", type=check.id, message=mend).text = mend
        case Outcome.SKIPPED:
            SubElement(case, "skipped", message=mend)
        case Outcome.ADVISED:
            SubElement(case, "system-out").text = mend


def _text(value: str) -> str:
    return _UNWRITABLE.sub("\ufffd", value)
