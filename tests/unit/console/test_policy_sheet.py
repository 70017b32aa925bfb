"""A policy in the form editor: the same data as in YAML, and faults beside their fields."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from backend.policies.errors import DocumentRefused
from backend.policies.service import read_document
from gateway.console.forms import Form
from gateway.console.policy_sheet import Sheet
from tests.unit.policies.samples import document

DEPARTMENTS = Path(__file__).parents[3] / "backend" / "sandbox" / "departments"
POLICIES = [
    one
    for path in sorted(DEPARTMENTS.glob("*/policies.yaml"))
    for one in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def sheet(**changes: Any) -> Sheet:
    return Sheet.of(read_document(document(**changes)))


def fields(of: Sheet) -> dict[str, list[str]]:
    """As the browser sends them."""
    form = of.form()
    return {name: form.all(name) for name in form}


@pytest.mark.parametrize("raw", POLICIES, ids=lambda raw: str(raw["code"]))
def test_every_policy_of_the_sandbox_goes_through_the_form_unchanged(raw: Any) -> None:
    kept = read_document(raw)
    assert read_document(Sheet.typed(Sheet.of(kept).form()).raw()) == kept


def test_a_row_more_and_a_row_less() -> None:
    made = sheet()
    made.add("conditions")
    assert made.many("conditions") == 2
    made.drop("conditions", 0)
    assert made.form().get("conditions/0/words") == ""
    for name, number in (("conditions", 5), ("weather", 0)):
        made.drop(name, number)
    made.add("weather")
    assert made.many("conditions") == 1
    kept = Sheet.typed(made.form())
    assert kept.many("conditions") == 1
    kept.compact()
    assert kept.many("conditions") == 0


def test_empty_rows_are_left_out_and_new_conditions_named() -> None:
    given = fields(sheet(conditions=[{"id": "c2", "words": "甲", "cel": "enterprise.food"}]))
    given |= {"conditions/2/words": [""], "conditions/2/cel": [" "], "conditions/2/id": ["kept"]}
    for number in (4, 7):
        given |= {
            f"conditions/{number}/words": [f"第{number}条\r\n两行"],
            f"conditions/{number}/cel": ["enterprise.staff > 1"],
        }
    raw = Sheet.typed(Form(given, {})).raw()
    assert [one["id"] for one in raw["conditions"]] == ["c2", "c1", "c3"]
    assert raw["conditions"][1]["words"] == "第4条\n两行"
    assert next(iter(raw)) == "code"
    read_document(raw)


def test_what_is_wrong_has_the_name_of_its_field() -> None:
    given = fields(sheet())
    given |= {"conditions/0/cel": ["enterprise.colour == 1"], "benefit/amount": [""]}
    typed = Sheet.typed(Form(given, {}))
    with pytest.raises(DocumentRefused) as refused:
        read_document(typed.raw())
    places = {one["pointer"].strip("/") for one in refused.value.errors}
    assert places == {"conditions/0/cel", "benefit"}
    given |= {"benefit/budget": ["1,000"], "steps/publicity_days": ["9" * 5000], "title": [""]}
    given |= {"region": ["44"], "valid_from": ["morgen"]}
    with pytest.raises(DocumentRefused) as refused:
        read_document(Sheet.typed(Form(given, {})).raw())
    places = {one["pointer"].strip("/") for one in refused.value.errors}
    assert places == {
        "title", "region", "valid_from", "benefit/budget", "steps/publicity_days",
    }  # fmt: skip


def test_an_empty_form_says_what_is_missing() -> None:
    with pytest.raises(DocumentRefused) as refused:
        read_document(Sheet.typed(Sheet.empty().form()).raw())
    form = Sheet.empty().form()
    for one in refused.value.errors:
        name = one["pointer"].strip("/")
        assert name in form or name in ("conditions", "evidence", "source/clauses"), name
