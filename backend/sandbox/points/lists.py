"""Which items are done at which kind of place, read from ``lists.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Rule:
    """What an item has to be for a list; an empty part asks nothing.

    Attributes:
        levels: 行使层级; audience: ``citizen`` for items that people need themselves.
    """

    code: str
    name: str
    departments: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    audience: str = ""

    def takes(self, item: Mapping[str, Any], department: str) -> bool:
        """Whether an item, by its published elements and department, belongs to the list."""
        return (
            (not self.departments or department in self.departments)
            and (not self.levels or item["use_level"] in self.levels)
            and (not self.themes or bool(set(self.themes) & set(item["themes"])))
            and (not self.audience or "1" in item["server_type"])
        )


def read_rules() -> list[Rule]:
    """Every list, in order."""
    found = yaml.safe_load(Path(__file__).with_name("lists.yaml").read_text("utf-8"))
    return [
        Rule(
            one["code"], one["name"], tuple(one.get("departments", ())),
            tuple(one.get("levels", ())), tuple(one.get("themes", ())), one.get("audience", ""),
        )
        for one in found["lists"]
    ]  # fmt: skip
