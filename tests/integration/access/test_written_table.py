"""The authorisation matrix as it is written in docs/access.md."""

from pathlib import Path

from gateway.edge.matrix import table
from tests.integration.access.matrix import EVERY, EVERY_PAGE


def test_the_written_table_is_that_of_the_routes() -> None:
    written = Path(__file__).parents[3] / "docs" / "access.md"
    assert written.read_text("utf-8") == table([*EVERY, *EVERY_PAGE]), (
        "out of date: run `make matrix`"
    )
