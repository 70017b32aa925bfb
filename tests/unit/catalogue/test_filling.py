"""What was filled in counts alike on the phone and here: both are held to the same vectors."""

import json
from pathlib import Path
from typing import Any

import pytest

from backend.catalogue.filling import Filling, calculated
from backend.catalogue.forms import Form

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "forms.json").read_text("utf-8"))
CASES = [
    pytest.param(vector["form"], case, id=f"{vector['name']} {number}")
    for vector in VECTORS
    for number, case in enumerate(vector["cases"], start=1)
]


@pytest.mark.parametrize(("form", "case"), CASES)
def test_what_counts_and_what_is_wrong(form: dict[str, Any], case: dict[str, Any]) -> None:
    filling = Filling(Form.model_validate(form))
    counted = filling.counted(case["values"])
    assert counted == case["counted"]
    found = {each["pointer"]: each["detail"] for each in filling.mistakes(counted)}
    assert found == case["mistakes"]


def test_what_counts_does_not_change_when_it_is_looked_at_again() -> None:
    for vector in VECTORS:
        filling = Filling(Form.model_validate(vector["form"]))
        for case in vector["cases"]:
            assert filling.counted(case["counted"]) == case["counted"]


def test_cents_are_rounded_as_people_do() -> None:
    assert calculated(["*", "a", 1], {"a": 1.005}) == 1.01
    assert calculated(["-", "a", "b"], {"a": 0.3, "b": 0.1}) == 0.2
    assert calculated(["+", "a", "b"], {"a": 1}) is None
