"""The pieces of pages, rendered with as little as they may be given."""

from collections import Counter
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import UndefinedError

from gateway.console.forms import Form
from gateway.console.frame import PageCall
from gateway.console.rendering import HERE, environment

NOT_HERE = (" style=", "<script", "<style", " onclick=", "|safe", "| safe", "http://", "https://")
HEAD = '{% import "ui.html" as ui with context %}'


def shown(source: str, form: dict[str, list[str]] | None = None, **more: Any) -> str:
    call = SimpleNamespace(
        query=lambda name, default="": default,
        address_with=lambda **changes: f"/here?{changes}",
        fresh_id=partial(PageCall.fresh_id, SimpleNamespace(_ids=Counter())),  # type: ignore[arg-type]
        request=SimpleNamespace(args={}),
    )
    common = {"call": call, "typed": Form(form or {}, {}), "errors": {}, "csrf": "c5rf"}
    values = {**common, "here": "/console/x", **more}
    return environment().from_string(HEAD + source).render(values)


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ('{{ ui.confirm("/x", "停用", "停用吗？") }}', ("确认停用", "c5rf", "停用吗？")),
        ('{% call ui.confirm("/x", "停用", "？") %}更多{% endcall %}', ("更多", "确认停用")),
        ('{{ ui.form("/x", "提交") }}', ('action="/x"', "c5rf", "提交")),
        ('{{ ui.act("/x", "已读") }}', ('method="post"', "c5rf", "已读")),
        ('{% call ui.table("表", ["甲", "#乙"]) %}{% endcall %}', ("没有内容",)),
        ('{% call ui.table("表", ["甲", "#乙"]) %}<tr></tr>{% endcall %}',
         ("<caption>表</caption>", '<th scope="col" class="number">乙</th>')),
        ('{{ ui.field("a", "甲", value="一") }}', ('value="一"', 'for="f-a"', "required")),
        ('{{ ui.field("a", "甲", type="password") }}', ('type="password"',)),
        ('{{ ui.area("a", "甲", value="<b>") }}', ("&lt;b&gt;",)),
        ('{{ ui.select("a", "甲", [("1", "一"), ("2", "二")], value="2") }}',
         ('value="2" selected',)),
        ('{{ ui.checks("a", "甲", [("1", "一")], chosen=["1"]) }}', ("checked", "<legend>甲")),
        ('{{ ui.facts([("甲", ""), ("乙", 0)]) }}', ("<dd>—</dd>", "<dd>0</dd>")),
        ('{{ ui.pager("next") }}', ("下一页",)),
        ('{{ ui.badge("正常", "success") }}', ('class="badge success"',)),
        ('{{ ui.when(none) }}{{ ui.empty("没有") }}', ("—", "没有")),
    ],
)  # fmt: skip
def test_a_piece_shows_its_parts(source: str, parts: tuple[str, ...]) -> None:
    page = shown(source)
    for part in parts:
        assert part in page


def test_two_forms_of_a_page_that_ask_for_a_reason_share_no_id() -> None:
    page = shown('{{ ui.field("reason", "原因", hint="写明") }}{{ ui.area("reason", "理由") }}')
    assert page.count('id="f-reason"') == page.count('for="f-reason"') == 1
    assert page.count('id="f-reason-2"') == page.count('for="f-reason-2"') == 1
    assert 'aria-describedby="f-reason-hint ' in page


def test_what_was_typed_comes_back_and_a_password_does_not() -> None:
    source = '{{ ui.field("a", "甲", value="旧") }}{{ ui.field("p", "密码", type="password") }}'
    page = shown(source, {"a": ["新"], "p": ["secret"]})
    assert 'value="新"' in page
    assert "旧" not in page
    assert "secret" not in page


def test_a_wrong_field_is_marked_and_described() -> None:
    page = shown('{{ ui.field("a", "甲", hint="提示") }}', errors={"a": "太短了"})
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="f-a-hint f-a-wrong"' in page
    assert '<span class="wrong" id="f-a-wrong">太短了</span>' in page


def test_a_moment_is_that_of_beijing() -> None:
    page = shown("{{ ui.when(at) }}{{ ui.day(at) }}", at=datetime(2026, 11, 25, 16, 5, tzinfo=UTC))
    assert '<time datetime="2026-11-26T00:05:00+08:00">2026-11-26 00:05</time>' in page
    assert ">2026-11-26</time>" in page


def test_whoever_forgets_a_value_hears_of_it() -> None:
    with pytest.raises(UndefinedError):
        shown("{{ forgotten }}")


@pytest.mark.parametrize(
    "path", sorted(HERE.glob("templates/**/*.html")), ids=lambda path: str(path.name)
)
def test_every_template_compiles_and_styles_nothing_by_itself(path: Path) -> None:
    name = str(path.relative_to(HERE / "templates"))
    environment().get_template(name)
    source = path.read_text("utf-8")
    assert [word for word in NOT_HERE if word in source] == []


def test_a_question_whose_answer_was_refused_stays_open_with_what_was_typed() -> None:
    source = (
        '{% call ui.confirm("/x", "同意", "？") %}{{ ui.field("reason", "理由") }}{% endcall %}'
        '{{ ui.confirm("/y", "退回", "？") }}'
    )
    refused = shown(source, {"reason": ["合规"]}, error=object(), here="/x")
    assert refused.count(" open>") == 1
    assert refused.index(" open>") < refused.index("合规") < refused.index("退回")
    assert " open>" not in shown(source, here="/x")


def test_of_several_with_one_address_the_refused_one_stays_open() -> None:
    source = "".join(
        f'{{{{ ui.confirm("/x", "批准", "？", origin="{origin}") }}}}' for origin in ("a", "b")
    )
    refused = shown(source, {"origin": ["b"]}, error=object(), here="/x")
    assert refused.index("<details") < refused.index(" open>")
    assert refused.count(" open>") == 1
