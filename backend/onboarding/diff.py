"""What differs between two revisions, element by element, in words that a reviewer reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from backend.exchange.service import Manifest
from backend.onboarding.trees import Items, Node, tree_of

LONGEST = 300
# Characters that are shown before a difference in a long text.
_AROUND = 40
_WORDS = {True: "是", False: "否", None: "（无）", "": "（空）"}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        kind: ``added``, ``removed`` or ``changed``.
        pointer: the place as a JSON pointer; parts of lists by their own names.
        place: the same for people: the labels from the outside to the inside.
        before, after: the values in words; None where there was or is nothing.
    """

    kind: Literal["added", "removed", "changed"]
    pointer: str
    place: tuple[str, ...]
    before: str | None
    after: str | None

    @property
    def text(self) -> str:
        """The whole change in one line."""
        where = " › ".join(self.place)
        if self.kind == "changed":
            return f"{where}：{self.before} → {self.after}"
        word, what = ("新增", self.after) if self.kind == "added" else ("删除", self.before)
        return f"{where}：{word}{f' {what}' if what else ''}"


@dataclass(frozen=True, slots=True)
class Content:
    """A manifest and its service items in full, the elements by 实施编码."""

    manifest: Manifest
    items: Items


def compare(before: Content | None, after: Content) -> list[Change]:
    """Every difference, in the order of the manifest; against nothing, everything is new."""
    new = tree_of(after.manifest, after.items)
    old = tree_of(before.manifest, before.items) if before else Node("接入清单")
    return list(_changes(old, new, "", ()))


def _changes(old: Node, new: Node, pointer: str, place: tuple[str, ...]) -> Iterator[Change]:
    for key in [*old.children, *(key for key in new.children if key not in old.children)]:
        was, is_ = old.children.get(key), new.children.get(key)
        label = (is_ or was or Node("")).label
        at, where = f"{pointer}/{_escaped(key)}", (*place, label)
        if was is None and is_ is not None:
            yield from _whole("added", is_, at, where)
        elif is_ is None and was is not None:
            yield from _whole("removed", was, at, where)
        elif was is not None and is_ is not None:
            if was.children or is_.children:
                yield from _changes(was, is_, at, where)
            elif was.value != is_.value:
                yield Change("changed", at, where, *_both(was.value, is_.value))


def _whole(
    kind: Literal["added", "removed"], node: Node, pointer: str, place: tuple[str, ...]
) -> Iterator[Change]:
    """A part that came or went: one line for it, or one for each of its own parts."""
    if node.heading or not node.children:
        words = None if node.heading else in_words(node.value)
        if words in (_WORDS[None], _WORDS[""], "[]", "{}"):
            return
        added = kind == "added"
        yield Change(kind, pointer, place, None if added else words, words if added else None)
        return
    for key, child in node.children.items():
        yield from _whole(kind, child, f"{pointer}/{_escaped(key)}", (*place, child.label))


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _both(before: Any, after: Any) -> tuple[str, str]:
    """Two values for people; of long ones what stands around their first difference."""
    old, new = _text(before), _text(after)
    if max(len(old), len(new)) <= LONGEST:
        return old, new
    pairs = enumerate(zip(old, new, strict=False))
    same = next((place for place, (was, is_) in pairs if was != is_), min(len(old), len(new)))
    start = max(0, same - _AROUND)
    return _cut(old, start), _cut(new, start)


def _cut(text: str, start: int) -> str:
    end = start + LONGEST
    return ("…" if start else "") + text[start:end] + ("…" if len(text) > end else "")


def in_words(value: Any) -> str:
    """A value for people, cut where it is long."""
    return _cut(_text(value), 0)


def _text(value: Any) -> str:
    if value is None or (isinstance(value, (bool, str)) and value in _WORDS):
        return _WORDS[value]
    if isinstance(value, list) and all(isinstance(one, (str, int, float)) for one in value):
        return "、".join(str(one) for one in value) or _WORDS[None]
    if isinstance(value, (list, Mapping)):
        return orjson.dumps(value).decode()
    return str(value)
