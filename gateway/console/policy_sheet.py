"""A policy as a form: each field bears the place that it has in the data, ``conditions/0/cel``.

So the faults that the checks of a document name by such a place are shown beside their field.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from backend.policies.service import Document
from gateway.console.forms import Form

ROWS: Mapping[str, Sequence[str]] = {
    "source/clauses": ("ref", "text"),
    "conditions": ("id", "words", "cel", "clause", "remedy"),
    "evidence": ("source", "basis"),
}
TEXTS = (
    "code", "title", "summary", "kind", "region", "valid_from", "valid_to", "contact",
    "source/name", "source/number", "source/issuer",
    "benefit/kind", "benefit/words", "benefit/amount", "benefit/formula", "benefit/cap",
    "benefit/budget", "benefit/per", "benefit/link",
    "steps/publicity_days", "steps/commitment", "steps/later_check_days",
)  # fmt: skip
NUMBERS = frozenset({
    "benefit/amount", "benefit/cap", "benefit/budget", "steps/publicity_days",
    "steps/later_check_days",
})  # fmt: skip
SWITCHES = ("major", "source/sample", "steps/check")
AUDIENCE, ON = "audience", "true"
_ROW = re.compile(r"(source/clauses|conditions|evidence)/(\d{1,3})/([a-z]+)", re.ASCII)
# Longer than any number that a policy may have; the checks say so.
_LONGEST_NUMBER = 15

Row = dict[str, str]


class Sheet:
    """What stands in the form."""

    def __init__(
        self, texts: Mapping[str, str], on: Sequence[str], audience: Sequence[str],
        rows: Mapping[str, Sequence[Row]],
    ) -> None:  # fmt: skip
        self._texts = {name: texts.get(name, "") for name in TEXTS}
        self._on, self._audience = [name for name in SWITCHES if name in on], list(audience)
        self._rows = {name: list(rows.get(name, ())) for name in ROWS}

    @classmethod
    def empty(cls) -> "Sheet":
        """A new policy, with what is usual."""
        usual = {
            "kind": "one_click", "benefit/kind": "money", "benefit/per": "once",
            "contact": "12345", "steps/publicity_days": "0", "steps/later_check_days": "0",
        }  # fmt: skip
        sheet = cls(usual, ["steps/check"], [], {})
        for name in ROWS:
            sheet.add(name)
        return sheet

    @classmethod
    def of(cls, document: Document) -> "Sheet":
        """A policy that is in order."""
        data = document.model_dump(mode="json")
        texts = {name: _text(_at(data, name)) for name in TEXTS}
        on = [name for name in SWITCHES if _at(data, name)]
        rows = {
            name: [{key: _text(one[key]) for key in keys} for one in _at(data, name)]
            for name, keys in ROWS.items()
        }
        return cls(texts, on, data[AUDIENCE], rows)

    @classmethod
    def typed(cls, form: Form) -> "Sheet":
        """What was typed, row by row as it stood."""
        texts = {name: _clean(form.get(name)) for name in TEXTS}
        on = [name for name in SWITCHES if name in form]
        found: dict[str, dict[int, Row]] = {name: {} for name in ROWS}
        for field in form:
            if (place := _ROW.fullmatch(field)) and place[3] in ROWS[place[1]]:
                row = found[place[1]].setdefault(int(place[2]), dict.fromkeys(ROWS[place[1]], ""))
                row[place[3]] = _clean(form.get(field))
        rows = {name: [row for _, row in sorted(each.items())] for name, each in found.items()}
        return cls(texts, on, form.all(AUDIENCE), rows)

    def add(self, name: str) -> None:
        """One more row, empty, at the end of a list."""
        if name in ROWS:
            self._rows[name].append(dict.fromkeys(ROWS[name], ""))

    def drop(self, name: str, number: int) -> None:
        """Take a row out of a list."""
        if number < len(self._rows.get(name, ())):
            del self._rows[name][number]

    def compact(self) -> None:
        """Leave out rows of which nothing is filled in, so that rows are numbered as the data."""
        self._rows = {name: list(filter(_is_filled, rows)) for name, rows in self._rows.items()}

    def many(self, name: str) -> int:
        """How many rows a list has."""
        return len(self._rows[name])

    def form(self) -> Form:
        """The fields by name, as a template fills them in."""
        texts = {name: [text] for name, text in self._texts.items()}
        texts |= {name: [ON] for name in self._on}
        texts[AUDIENCE] = self._audience
        for name, rows in self._rows.items():
            for number, row in enumerate(rows):
                texts |= {f"{name}/{number}/{key}": [text] for key, text in row.items()}
        return Form(texts, {})

    def raw(self) -> dict[str, Any]:
        """The policy's data, for the checks; what is empty is not there."""
        data: dict[str, Any] = {"source": {}, "benefit": {}, "steps": {}}
        for name, text in self._texts.items():
            if text:
                _put(data, name, _number(text) if name in NUMBERS else text)
        for name in SWITCHES:
            _put(data, name, name in self._on)
        data[AUDIENCE] = self._audience
        for name, rows in self._rows.items():
            filled = filter(_is_filled, rows)
            some = [{key: text for key, text in row.items() if text} for row in filled]
            _put(data, name, some)
        data["conditions"] = _named(data["conditions"])
        return {name: data[name] for name in Document.model_fields if name in data}


def _named(conditions: list[Row]) -> list[Row]:
    """Conditions are called c1, c2 … where nobody has named them; names are kept by versions."""
    taken = {one.get("id", "") for one in conditions}
    free = (name for number in count(1) if (name := f"c{number}") not in taken)
    return [{"id": one.get("id") or next(free), **one} for one in conditions]


def _at(data: Mapping[str, Any], name: str) -> Any:
    for part in name.split("/"):
        data = data[part]
    return data


def _put(data: dict[str, Any], name: str, value: Any) -> None:
    *above, last = name.split("/")
    for part in above:
        data = data[part]
    data[last] = value


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _clean(text: str) -> str:
    """Browsers send the line breaks of a text area as CR LF."""
    return text.replace("\r\n", "\n").strip()


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONGEST_NUMBER else text


def _is_filled(row: Row) -> bool:
    return any(text for key, text in row.items() if key != "id")
