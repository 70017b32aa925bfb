"""The catalogue as a table."""

import csv
import io
from typing import Any

import pytest

from backend.catalogue.export import COLUMNS, csv_lines
from backend.catalogue.items import published
from tests.catalogue_items import shipped, spec


def row(**changes: Any) -> dict[str, str]:
    """One item's line, read back by column."""
    text = csv_lines(None) + csv_lines(published(spec(**changes)).model_dump(mode="json"))
    (line,) = csv.DictReader(io.StringIO(text, newline=""))
    return line


def test_a_line_says_what_the_guide_says() -> None:
    line = row()
    assert line["实施编码"] == "11440000MB9X00015F4440109001000"
    assert line["事项类型"] == "行政许可"
    assert line["服务对象"] == "自然人"
    assert line["收费"] == "不收费"
    assert line["办理流程"].startswith("受理：")
    assert (line["法定办结时限"], line["承诺办结时限"]) == ("20个工作日", "5个工作日")


def test_commas_quotes_and_line_breaks_stay_inside_their_cell() -> None:
    assert row(task_name='一,"二"\n三')["事项名称"] == '一,"二"\n三'


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_what_a_spreadsheet_would_compute_is_kept_as_text(start: str) -> None:
    assert row(transact_addr=f"{start}1+1")["办理地点"] == f"'{start}1+1"


def test_every_shipped_item_has_a_cell_for_every_column() -> None:
    for item in shipped():
        (cells,) = csv.reader(io.StringIO(csv_lines(published(item).model_dump(mode="json"))))
        assert len(cells) == len(COLUMNS)
