"""Levels and tags of 好差评. Tags are data (``tags.json``): codes are stable, words may change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from backend.evaluation.errors import TagUnknown

# GB/T 39046 A.8: 1 is best.
LEVELS: Mapping[int, str] = {
    1: "非常满意",
    2: "满意",
    3: "基本满意",
    4: "不满意",
    5: "非常不满意",
}
BAD = frozenset({4, 5})
_GROUP = {1: "good", 2: "good", 3: "fair", 4: "bad", 5: "bad"}


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag."""

    code: str
    words: str


def _read() -> dict[str, Sequence[Tag]]:
    listed = orjson.loads(Path(__file__).with_name("tags.json").read_bytes())
    return {group: tuple(Tag(**each) for each in tags) for group, tags in listed.items()}


_TAGS = _read()
_WORDS = {tag.code: tag.words for tags in _TAGS.values() for tag in tags}


def tags_for(level: int) -> Sequence[Tag]:
    """The tags that fit a level."""
    return _TAGS[_GROUP[level]]


def checked(level: int, codes: Sequence[str]) -> list[str]:
    """Tags of a level, each once, in the order of the list.

    Raises:
        TagUnknown: one is not of this level.
    """
    known = [tag.code for tag in tags_for(level)]
    if not set(codes) <= set(known):
        raise TagUnknown
    return [code for code in known if code in codes]


def words_of(codes: Iterable[str]) -> list[str]:
    """The words of tags; one that was taken out of the data says its code."""
    return [_WORDS.get(code, code) for code in codes]
