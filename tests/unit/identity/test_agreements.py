"""The texts that people agree to."""

from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from backend.identity import agreements
from backend.identity.errors import AgreementNotFound


@pytest.mark.parametrize("kind", [agreements.PRIVACY, agreements.FACE])
def test_each_text_has_a_version_a_date_and_sections_to_read(kind: str) -> None:
    text = agreements.current(kind)
    assert text.kind == kind
    assert text.version == text.effective_from.isoformat()
    assert len(text.sections) >= 5
    for section in text.sections:
        assert section.heading
        assert section.paragraphs
        assert all(len(paragraph) > 10 for paragraph in section.paragraphs)


@pytest.mark.parametrize(
    "duty",
    [
        "联系方式",
        "清单",
        "保存",
        "敏感个人信息",
        "撤回",
        "注销",
        "十四周岁",
        "境内",
        "投诉",
        "通知您",
    ],
)
def test_the_privacy_policy_says_what_the_law_asks_for(duty: str) -> None:
    """个人信息保护法 arts. 14-17, 28-31, 36, 44-50, 57; 网络数据安全管理条例 art. 21."""
    assert duty in whole(agreements.PRIVACY)


@pytest.mark.parametrize("duty", ["单独同意", "必要性", "影响", "可以不刷脸", "撤回", "删除"])
def test_the_notice_on_faces_says_what_the_law_asks_for(duty: str) -> None:
    """个人信息保护法 arts. 29, 30, 55."""
    assert duty in whole(agreements.FACE)


def test_there_is_no_other_text() -> None:
    with pytest.raises(AgreementNotFound):
        agreements.current("cookies")


def test_a_version_comes_into_force_on_its_day_in_china_while_a_process_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in ("2026-11-01", "2026-11-27", "2027-01-01"):
        text = f"title: 隐私政策\neffective_from: {day}\nsections: []\n"
        (tmp_path / f"privacy-{day}.yaml").write_text(text, "utf-8")
    now = [datetime(2026, 11, 26, 15, 59, tzinfo=UTC)]

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return now[0].astimezone(tz)

    monkeypatch.setattr(agreements, "_FOLDER", tmp_path)
    monkeypatch.setattr(agreements, "datetime", Clock)
    agreements._all.cache_clear()
    try:
        assert agreements.current("privacy").version == "2026-11-01"
        now[0] += timedelta(minutes=1)
        assert agreements.current("privacy").version == "2026-11-27"
        now[0] = datetime(2026, 10, 1, tzinfo=UTC)
        with pytest.raises(AgreementNotFound):
            agreements.current("privacy")
    finally:
        agreements._all.cache_clear()


def whole(kind: str) -> str:
    """A text in one piece."""
    text = agreements.current(kind)
    parts = [text.title]
    for section in text.sections:
        parts += [section.heading, *section.paragraphs]
    return "\n".join(parts)
