"""Nothing by which somebody could be known leaves for a model, however it was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.assistant.masking import masked

NAMES = ("李明华", "广州示范贸易有限公司", "欧阳·阿依古丽")


@pytest.mark.parametrize(
    ("typed", "secret"),
    [
        ("我的身份证440106199001011234丢了", "440106199001011234"),
        ("身份证 44010619900101123X 到期", "44010619900101123X"),
        ("号码 4401 0619 9001 0112 34", "1990"),
        ("号码440106-19900101-1234", "19900101"),
        ("身份证４４０１０６１９９００１０１１２３４", "４４０１０６"),
        ("老的15位440106900101123", "440106900101123"),
        ("打我电话13800138000", "13800138000"),
        ("电话 138-0013-8000 谢谢", "0013"),
        ("+86 138 0013 8000", "8000"),
        ("座机 020-83123456", "83123456"),
        ("公司代码91440101MA5ABCDE1X怎么变更", "91440101MA5ABCDE1X"),
        ("91440101ma5abcde1x", "ma5abcde"),
        ("银行卡6222 0212 3456 7890 123", "6222"),
        ("护照E12345678到期", "E12345678"),
        ("通行证H1234567800", "H1234567800"),
        ("车牌粤A12345年审", "粤A12345"),
        ("车牌粤AD12345", "粤AD12345"),
        ("邮箱 li.ming@example.com", "li.ming"),
        ("一三八零零一三八零零零", "一三八零零"),
        ("我叫李明华，想办社保", "李明华"),
        ("李 明 华的社保", "李 明 华"),
        ("我叫王小二", "王小二"),
        ("姓名：赵六", "赵六"),
        ("我们广州示范贸易有限公司要注销", "示范贸易"),
        ("我住天河路123号5栋601室怎么迁户口", "123号"),
        ("138\u200b0013\u200b8000", "8000"),
    ],
)
def test_what_is_personal_is_gone(typed: str, secret: str) -> None:
    assert secret not in masked(typed, NAMES)


@pytest.mark.parametrize(
    "typed",
    [
        "孩子上户口要带什么材料", "打12345有用吗", "12315投诉", "六年内的车要年审吗",
        "2026年个税汇算什么时候", "80岁老人每月100元津贴", "C1驾照考试",
    ],
)  # fmt: skip
def test_what_is_asked_stays(typed: str) -> None:
    assert masked(typed, NAMES) == typed


@given(
    st.text("0123456789", min_size=11, max_size=18),
    st.lists(st.sampled_from(["", " ", "-", "·", "\u200b"]), min_size=18, max_size=18),
    st.text(alphabet="我的电话是号，吗办社保", max_size=6),
)
def test_no_long_number_passes_whatever_stands_between(
    digits: str, gaps: list[str], around: str
) -> None:
    typed = around + "".join(a + b for a, b in zip(digits, gaps, strict=False)) + around
    left = masked(typed)
    assert sum(character.isdigit() for character in left) < 6
