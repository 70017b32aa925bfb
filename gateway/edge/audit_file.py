"""The audit as a file for a spreadsheet, sent piece by piece."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from backend.audit.service import Entry
from gateway.edge.csv_rows import CONTENT_TYPE, MARK, csv_rows
from gateway.edge.moments import in_beijing
from gateway.edge.streams import StreamedAnswer

COLUMNS = ("编号", "时间", "操作者", "动作", "对象", "详情")


def audit_file(pieces: AsyncIterator[Sequence[Entry]], now: datetime) -> StreamedAnswer:
    """Audit entries as a file for a spreadsheet."""
    name = f"audit-{in_beijing(now):%Y%m%d-%H%M%S}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return StreamedAnswer(_lines(pieces), CONTENT_TYPE, headers)


async def _lines(pieces: AsyncIterator[Sequence[Entry]]) -> AsyncIterator[bytes]:
    yield MARK.encode() + csv_rows([COLUMNS])
    async for entries in pieces:
        yield csv_rows(
            (
                one.id,
                in_beijing(one.at).isoformat(),
                one.actor,
                one.action,
                one.subject,
                "; ".join(f"{name}={value}" for name, value in one.detail.items()),
            )
            for one in entries
        )
