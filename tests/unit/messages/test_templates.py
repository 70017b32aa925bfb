"""Subscribe templates as data: what is taken and refused, and that nothing personal fits in."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backend.messages.kinds import TOPICS
from backend.messages.templates import MOST_AT_ONCE, read_templates
from backend.settings import SettingsError


def template(**given: Any) -> dict[str, Any]:
    return {
        "topic": "case", "template_id": "t1", "title": "办件", "long_term": False,
        "data": {"thing1": "{push}", "time2": "{time}"}, **given,
    }  # fmt: skip


def read(folder: Path, *templates: dict[str, Any]) -> object:
    path = folder / "templates.json"
    path.write_text(json.dumps({"templates": templates}), encoding="utf-8")
    return read_templates(path)


def test_the_templates_of_the_sandbox_fit_into_one_question_of_wechats() -> None:
    assert 0 < len(read_templates(None)) <= MOST_AT_ONCE


def test_a_template_is_filled_with_the_topic_and_the_time_alone() -> None:
    filled = read_templates(None)["case"].filled(
        TOPICS["case"], datetime(2026, 11, 25, 1, 5, tzinfo=UTC)
    )
    assert filled == {
        "thing1": {"value": "您的办件有新进展，请查看"},
        "time2": {"value": "2026年11月25日 09:05"},
    }


@pytest.mark.parametrize(
    "templates",
    [
        [template(topic="weather")],
        [template(), template(topic="voice", title="诉求")],
        [template(), template(topic="voice", template_id="t2")],
        [template(), template(template_id="t2", title="又一个")],
        [template(), template(topic="voice", template_id="t2", title="诉求", long_term=True)],
        [template(data={"thing1": "一" * 21})],
        [{"topic": "case"}],
    ],
    ids=["topic", "same id", "same title", "same topic", "mixed terms", "too long", "incomplete"],
)
def test_templates_that_wechat_would_refuse_are_refused_at_the_start(
    tmp_path: Path, templates: list[dict[str, Any]]
) -> None:
    with pytest.raises(SettingsError):
        read(tmp_path, *templates)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.json"):
        read_templates(tmp_path / "absent.json")
