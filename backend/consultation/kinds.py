"""Kinds of tickets and their terms: data (``kinds.json``), since terms are set locally."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of ticket.

    Attributes:
        prefix: of its numbers; workdays: 承诺时限, from the day it is assigned.
    """

    code: str
    prefix: str
    name: str
    about: str
    workdays: int


_DATA = orjson.loads(Path(__file__).with_name("kinds.json").read_bytes())
KINDS: Mapping[str, Kind] = {each["code"]: Kind(**each) for each in _DATA["kinds"]}
DISPATCH_WORKDAYS: int = _DATA["dispatch_workdays"]
EXTENSION_WORKDAYS: int = _DATA["extension_workdays"]
