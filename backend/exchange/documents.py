"""Reading of YAML and JSON that somebody else wrote: bounded in length, depth and repetition.

The builder of the YAML library nests on the machine's stack, so that a hundred thousand opening
brackets end the process; and ten lines of references (``*a``) stand for a billion values. So a text
is first gone through event by event, which nests nowhere, and only what keeps within the bounds is
built. On that way two ``keys:`` in one mapping are seen, of which the builder would silently take
the last.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import yaml

from backend.exchange.errors import ManifestRefused

LONGEST = 4 * 1024 * 1024  # bytes
DEEPEST = 64
# Values that a text stands for when its references are followed.
MOST = 500_000
_MERGE = "<<"

# libyaml's loader reads the nine manifests in a tenth of the time of the pure Python one.
if TYPE_CHECKING:
    from yaml import SafeLoader as _Safe
else:
    _Safe = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _SafeLoader(_Safe):
    """Builds what JSON can hold, and dates; no bytes, sets or lists of pairs."""


# Building these is left out by asking for what an unknown tag gets: a refusal with its place.
for _kind in ("binary", "set", "omap", "pairs"):
    _SafeLoader.add_constructor(f"tag:yaml.org,2002:{_kind}", _SafeLoader.yaml_constructors[None])


class _Unbounded(Exception):
    """The text goes beyond a bound; the message says which and where, in Chinese."""


@dataclass(slots=True)
class _Part:
    """A list or mapping on its way: what it holds and how deep it goes by now."""

    anchor: str | None
    is_mapping: bool
    size: int = 1
    depth: int = 1
    children: int = 0
    keys: set[str] = field(default_factory=set)


def read_yaml(path: Path) -> Any:
    """Read a YAML or JSON file.

    Raises:
        ManifestRefused: it cannot be read, is neither, or goes beyond a bound.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise _refused(path.name, "没有这个文件，请核对文件名和所在的文件夹") from None
    except OSError:
        raise _refused(path.name, "文件无法读取，请检查它是否为普通文件、是否有读取权限") from None
    return yaml_of(text_of(raw, path.name), path.name)


def text_of(raw: bytes, source: str) -> str:
    """The text of a file.

    Raises:
        ManifestRefused: it is too long, or not in UTF-8.
    """
    if len(raw) > LONGEST:
        raise _refused(source, f"文件太大，至多 {LONGEST // 1024 // 1024} MB")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(source, "文件不是 UTF-8 编码，请另存为 UTF-8 后重试") from None


def yaml_of(text: str, source: str) -> Any:
    """Read a text, YAML or JSON.

    Raises:
        ManifestRefused: it is neither, or goes beyond a bound.
    """
    try:
        return _built(text)
    except _Unbounded as error:
        message = str(error)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark else "文件"
        message = f"不是有效的 YAML：{where}有误"
    except (ValueError, RecursionError):
        # Like a date that the calendar does not have, or a number of 5,000 digits.
        message = "不是有效的 YAML：有写不成日期或数字的内容，是文本的请加引号"
    raise _refused(source, message)


def _built(text: str) -> Any:
    # YAML forbids the tabs with which some programs indent JSON.
    if text.lstrip().startswith("{"):
        try:
            orjson.loads(text)
            return json.loads(text, object_pairs_hook=_without_repetition)
        except orjson.JSONDecodeError:
            pass  # Like a YAML mapping in braces; a mistake in it is told with its place below.
    _look_through(text)
    return yaml.load(text, Loader=_SafeLoader)  # noqa: S506 (it is a safe one)


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise _Unbounded(f"“{repeated[:40]}”重复，同一处只能写一次")
    return found


def within_depth(value: Any) -> Any:
    """A value that JSON or YAML gave, as it is.

    Raises:
        ValueError: it nests deeper than anything that has a meaning here.
    """
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in _inner(one)]
        if not level:
            return value
    raise ValueError(f"嵌套太深，至多 {DEEPEST} 层")


def _inner(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _refused(source: str, message: str) -> ManifestRefused:
    return ManifestRefused(source, [{"pointer": "", "message": message}])


def _look_through(text: str) -> None:
    """See that a text keeps within the bounds.

    Raises:
        _Unbounded: it does not. yaml.YAMLError: it is no YAML.
    """
    look = _Look()
    for event in yaml.parse(text, Loader=_SafeLoader):
        look.take(event)


class _Look:
    """What was seen of a text by now."""

    def __init__(self) -> None:
        self._open: list[_Part] = []
        # Anchor → values and levels that a reference to it stands for; None while it is open.
        self._anchors: dict[str, tuple[int, int] | None] = {}
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._take_scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end(event)
        elif isinstance(event, yaml.AliasEvent):
            self._follow(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise _Unbounded(f"文件里有多份文档（{_line(event)}起），请只保留一份")

    def _take_scalar(self, event: yaml.ScalarEvent) -> None:
        if self._open and (part := self._open[-1]).is_mapping and part.children % 2 == 0:
            if event.value in part.keys and event.value != _MERGE:
                raise _Unbounded(f"{_line(event)}的“{event.value[:40]}”重复，同一处只能写一次")
            part.keys.add(event.value)
        self._add(1, 0, event)
        if event.anchor:
            self._anchors[event.anchor] = (1, 0)

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        if event.anchor:
            self._anchors[event.anchor] = None
        self._open.append(_Part(event.anchor, isinstance(event, yaml.MappingStartEvent)))
        if len(self._open) > DEEPEST:
            raise _too_deep(event)

    def _end(self, event: yaml.Event) -> None:
        part = self._open.pop()
        if part.anchor:
            self._anchors[part.anchor] = (part.size, part.depth)
        self._add(part.size, part.depth, event)

    def _follow(self, event: yaml.AliasEvent) -> None:
        # A reference to nothing is told by the builder, with its place.
        held = self._anchors.get(event.anchor or "", (1, 0))
        if held is None:
            raise _Unbounded(f"{_line(event)}引用了它自己")
        self._add(*held, event)

    def _add(self, size: int, depth: int, event: yaml.Event) -> None:
        """A value of a list or mapping has come to its end."""
        if not self._open:
            return
        part = self._open[-1]
        part.children += 1
        part.size += size
        part.depth = max(part.depth, depth + 1)
        if part.size > MOST:
            raise _Unbounded(f"内容太多：到{_line(event)}已超过 {MOST} 项")
        if len(self._open) + depth > DEEPEST:
            raise _too_deep(event)


def _too_deep(event: yaml.Event) -> _Unbounded:
    return _Unbounded(f"{_line(event)}嵌套太深，至多 {DEEPEST} 层")


def _line(event: yaml.Event) -> str:
    mark = event.start_mark
    return f"第 {mark.line + 1 if mark else 1} 行"
