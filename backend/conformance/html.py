"""The report as one HTML page: nothing is fetched, nothing runs, and it prints."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from backend.conformance.report import WORDS, Outcome, Report

ADDRESSES = {"sandbox": "沙箱地址", "production": "生产地址"}
MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.ADVISED: "!", Outcome.SKIPPED: "–"}


def html(report: Report) -> bytes:
    """The page in UTF-8."""
    page = _template().render(
        report=report,
        counts=report.counts,
        outcomes=Outcome,
        words=WORDS,
        marks=MARKS,
        address=ADDRESSES.get(report.address, report.address),
        to_mend=[check for check in report.checks if check.outcome is Outcome.FAILED],
    )
    return page.encode()


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")
