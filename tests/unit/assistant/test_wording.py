"""A model's text is taken only where it says what was quoted, and nothing else."""

import pytest

from backend.assistant.shapes import Citation
from backend.assistant.wording import grounded

GIVEN = [
    Citation(1, "guide", "身份证丢了补办", "收费吗", "工本费：每证 40 元。", "/guide/item?id=1"),
    Citation(2, "guide", "身份证丢了补办", "多久办好", "承诺20天。法定时间：60天。", ""),
]


def test_lines_with_their_sources_are_taken() -> None:
    found = grounded("补办要交 40 元工本费。[1]\n一般 20 天能拿到。[2]", GIVEN)
    assert found is not None
    assert [(one.text, one.citations) for one in found] == [
        ("补办要交 40 元工本费。", (1,)),
        ("一般 20 天能拿到。", (2,)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "不知道",
        "要交 40 元。",
        "要交 40 元。[1]\n顺便说一句，记得带钱。",
        "要交 40 元。[3]",
        "要交 400 元。[1]",
        "20 天。[1]",
        "请打开 http://evil.example 缴费[1]",
        "请打开 evil.com 缴费[1]",
        "[点这里](/apply/start)[1]",
        "打开 /pages/pay/index 缴费[1]",
        "<a href='x'>补办</a>[1]",
        "请把验证码发到 13800138000[1]",
        "补办[1]" * 400,
        "\n".join(["补办[1]"] * 9),
    ],
)
def test_anything_else_is_not(text: str) -> None:
    assert grounded(text, GIVEN) is None
