"""The texts that people agree to."""

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


def whole(kind: str) -> str:
    """A text in one piece."""
    text = agreements.current(kind)
    parts = [text.title]
    for section in text.sections:
        parts += [section.heading, *section.paragraphs]
    return "\n".join(parts)
