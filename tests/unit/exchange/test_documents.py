"""What others wrote is read within bounds: no text ends the process or stands for a billion."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from backend.exchange.documents import DEEPEST, LONGEST, MOST, read_yaml, text_of, yaml_of
from backend.exchange.errors import ManifestRefused


def _why(text: str) -> str:
    with pytest.raises(ManifestRefused) as refusal:
        yaml_of(text, "m.yaml")
    return refusal.value.errors[0]["message"]


def _bomb(lines: int) -> str:
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for number in range(1, lines):
        text += f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 10)}]\n"
    return text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\nb: [x, 2020-01]\n", {"a": 1, "b": ["x", "2020-01"]}),
        ("a: &x {k: v}\nb: *x\n", {"a": {"k": "v"}, "b": {"k": "v"}}),
        (
            "base: &x {k: v}\nb:\n  <<: *x\n  l: w\n",
            {"base": {"k": "v"}, "b": {"k": "v", "l": "w"}},
        ),
        ('{"a": 1}', {"a": 1}),
        ('{\n\t"a": [\n\t\t1]\n}', {"a": [1]}),
        ("{a: 1, b: two}", {"a": 1, "b": "two"}),
        ("", None),
    ],
)
def test_yaml_and_json_are_read_with_references_and_tabs(text: str, value: Any) -> None:
    assert yaml_of(text, "m.yaml") == value


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        "{a: " * 100_000,
        '{"a":' * 100_000,
        json.dumps({"a": None}).replace("null", "[" * 2000 + "]" * 2000),
        "- " * 100_000 + "x",
    ],
)
def test_a_text_that_nests_without_end_is_refused(text: str) -> None:
    # The builder of the library ends the whole process over the first of these.
    assert "嵌套太深" in _why(text)


def test_levels_that_hide_behind_references_count() -> None:
    text = "a0: &a0 [[[[[[[[x]]]]]]]]\n"
    for number in range(1, 10):
        text += f"a{number}: &a{number} [[[[[[[[*a{number - 1}]]]]]]]]\n"
    assert "嵌套太深" in _why(text)


def test_a_few_lines_that_stand_for_a_billion_values_are_refused_at_once() -> None:
    started = time.perf_counter()
    assert f"超过 {MOST} 项" in _why(_bomb(10))
    assert time.perf_counter() - started < 1
    assert len(yaml_of(_bomb(4), "m.yaml")) == 4


@pytest.mark.parametrize("text", ["&a [*a]", "a: &x\n  b: *x\n", "a: &x [1, {b: *x}]\n"])
def test_what_holds_itself_is_refused(text: str) -> None:
    assert "引用了它自己" in _why(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", "第 3 行的“a”重复"),
        ("x:\n  keys: []\n  keys: [1]\n", "第 3 行的“keys”重复"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "“c”重复"),
        ("a: 1\n---\nb: 2\n", "多份文档"),
        ("a: [1\nb: 2\n", "第 2 行"),
        ("a: *nothing\n", "第 1 行第 4 列"),
        ("a: 2026-02-30\n", "加引号"),
        ("a: !!binary /////w==\n", "第 1 行"),
        ("a: !!python/object/apply:os.system [id]\n", "第 1 行"),
        ("a: \x07\n", "文件有误"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, words: str) -> None:
    assert words in _why(text)


def test_the_same_name_in_two_places_is_no_repetition() -> None:
    assert yaml_of("- {a: 1, b: 1}\n- {a: a, b: a}\n", "m.yaml") == [
        {"a": 1, "b": 1},
        {"a": "a", "b": "a"},
    ]


def test_a_file_that_is_missing_too_long_or_of_another_encoding(tmp_path: Path) -> None:
    with pytest.raises(ManifestRefused, match="没有这个文件"):
        read_yaml(tmp_path / "none.yaml")
    with pytest.raises(ManifestRefused, match="无法读取"):
        read_yaml(tmp_path)
    with pytest.raises(ManifestRefused, match="至多 4 MB"):
        text_of(b"#" * (LONGEST + 1), "m.yaml")
    with pytest.raises(ManifestRefused, match="UTF-8"):
        text_of("名称: 公安厅".encode("gbk"), "m.yaml")
    marked = tmp_path / "marked.yaml"
    marked.write_bytes("\ufeff名称: 公安厅".encode())
    assert read_yaml(marked) == {"名称": "公安厅"}


def test_as_deep_as_allowed_is_read() -> None:
    assert yaml_of("[" * DEEPEST + "]" * DEEPEST, "m.yaml")
