"""Search as a citizen feels it: everyday words, half a name, pinyin, initials, and mistakes."""

from pathlib import Path

import pytest

from backend.catalogue.search import Entry, SearchIndex, write_index
from backend.catalogue.terms import words_of
from tests.catalogue_items import shipped

# What people type, and the item that has to come first; “|” parts equally good ones.
FUND = "租房提取公积金|买房提取公积金|公积金贷款买房"
FIRST_HITS = [
    # everyday words
    ("上户口", "给孩子上户口"),
    ("小孩上户口怎么办理", "给孩子上户口"),
    ("宝宝落户", "给孩子上户口"),
    ("身份证丢了", "身份证丢了补办"),
    ("身份证过期", "身份证到期换新"),
    ("第一次办身份证", "第一次办身份证"),
    ("驾照到期", "驾驶证到期换证"),
    ("换驾照", "驾驶证到期换证"),
    ("考驾照", "考驾照"),
    ("二手车过户", "二手车过户"),
    ("二手房过户", "二手房过户"),
    ("房产证丢了", "房产证丢了补办"),
    ("公积金提取", "租房提取公积金|买房提取公积金"),
    ("租房公积金", "租房提取公积金"),
    ("公积金贷款", "公积金贷款买房"),
    ("结婚", "领结婚证"),
    ("我要离婚", "协议离婚"),
    ("领失业金", "领失业金"),
    ("异地就医", "异地就医备案（长期居住）|异地就医备案（转诊、临时外出）"),
    ("看病报销", "医药费报销"),
    ("小孩打疫苗", "办孩子的疫苗接种证"),
    ("高龄津贴", "八十岁以上老人领高龄津贴"),
    ("开公司", "开公司"),
    ("注册个体户", "注册个体户"),
    ("食品经营许可", "开餐馆、食堂办食品经营许可"),
    ("注销公司", "公司简易注销"),
    ("个税退税", "个税年度汇算（退税、补税）"),
    ("无犯罪证明", "开无犯罪记录证明"),
    ("请问护照怎么办", "办护照"),
    ("农村建房", "农村建房办规划许可"),
    ("工商年报", "企业、个体户报年报"),
    ("欠薪", "申请劳动仲裁"),
    # official names and numbers
    ("普通护照签发", "办护照"),
    ("机动车驾驶证期满换证", "驾驶证到期换证"),
    ("12315", "消费维权（12315 投诉）"),
    ("C1", "考驾照"),
    # pinyin, its beginning, initials
    ("gongjijin", FUND),
    ("gongjijin tiqu", "租房提取公积金|买房提取公积金"),
    ("huzhao", "办护照"),
    ("shanghukou", "给孩子上户口"),
    ("jiehun", "领结婚证"),
    ("juzhuzheng", "办居住证"),
    ("ershoufang", "二手房过户"),
    ("yidijiuyi", "异地就医备案（长期居住）|异地就医备案（转诊、临时外出）"),
    ("gongjij", FUND),
    ("gjj", FUND),
    ("sfz", "第一次办身份证"),
    ("shbx", "办社保卡"),
    ("sbk", "办社保卡"),
    ("ＧＪＪ", FUND),
    # mistakes: a character of the same sound, a wrong character, a wrong letter
    ("身分证", "第一次办身份证"),
    ("公鸡金", FUND),
    ("港奥通行证", "办港澳通行证"),
    ("结昏登记", "领结婚证"),
    ("生育进贴", "领生育津贴"),
    ("居往证", "办居住证"),
    ("shenfengzheng", "第一次办身份证"),
    ("hujzhao", "办护照"),
    ("gongjjjin", FUND),
]

SUGGESTIONS = [
    ("身分证", "身份证"),
    ("公鸡金", "公积金"),
    ("港奥通行证", "港澳通行证"),
    ("shenfengzheng", "身份证"),
    ("shehuibaoxain", "社会保险"),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    folder = tmp_path_factory.mktemp("index")
    write_index(
        folder,
        [
            Entry(
                phrases=(item.plain_name, item.task_name, *item.keywords),
                words=words_of(item),
                tags=tuple(
                    [f"audience:{name}" for name in item.audience]
                    + [f"department:{item.department.code}"]
                ),
                hot=item.hot,
            )
            for item in shipped()
        ],
    )
    return SearchIndex(folder)


def names(index: SearchIndex, text: str, *tags: str, limit: int = 20, offset: int = 0) -> list[str]:
    """The everyday names that a query finds."""
    found = index.search(text, tags, limit, offset)
    return [shipped()[place].plain_name for place in found.positions]


@pytest.mark.parametrize(("typed", "expected"), FIRST_HITS)
def test_the_right_thing_comes_first(index: SearchIndex, typed: str, expected: str) -> None:
    assert names(index, typed)[0] in expected.split("|")


@pytest.mark.parametrize(("typed", "meant"), SUGGESTIONS)
def test_a_mistake_is_answered_with_what_was_meant(
    index: SearchIndex, typed: str, meant: str
) -> None:
    assert index.search(typed, (), 20).suggestion == meant


@pytest.mark.parametrize("typed", ["身份证", "gongjijin", "开公司"])
def test_nothing_is_proposed_where_the_words_were_found(index: SearchIndex, typed: str) -> None:
    assert index.search(typed, (), 20).suggestion is None


def test_every_item_is_found_first_by_its_everyday_name(index: SearchIndex) -> None:
    missed = [
        item.plain_name
        for item in shipped()
        if item.plain_name not in names(index, item.plain_name)[:2]
    ]
    assert missed == []


def test_every_item_is_found_by_its_official_name(index: SearchIndex) -> None:
    missed = [
        item.task_name
        for item in shipped()
        if item.plain_name not in names(index, item.task_name)[:3]
    ]
    assert missed == []


@pytest.mark.parametrize("typed", ["", "   ", "，。？", "zzzzqq", "量子纠缠火箭", "😀", "x" * 5000])
def test_what_means_nothing_finds_nothing(index: SearchIndex, typed: str) -> None:
    found = index.search(typed, (), 20)
    assert (found.positions, found.total, found.suggestion) == ([], 0, None)


@pytest.mark.parametrize("typed", ["*", "a:b", "NOT 公积金", '"', "((", "\\", "[a TO b]", "'; --"])
def test_what_looks_like_a_query_language_is_only_text(index: SearchIndex, typed: str) -> None:
    index.search(typed, (), 20)


def test_filters_hold_for_what_is_found_and_counted(index: SearchIndex) -> None:
    everyone = index.search("公积金", (), 100)
    enterprises = index.search("公积金", ("audience:enterprise",), 100)
    assert 0 < enterprises.total < everyone.total
    assert len(enterprises.positions) == enterprises.total
    assert all("enterprise" in shipped()[place].audience for place in enterprises.positions)


def test_a_filter_that_nothing_meets_finds_nothing(index: SearchIndex) -> None:
    assert index.search("公积金", ("department:nobody",), 20).total == 0


def test_pages_follow_each_other_without_gap_or_repetition(index: SearchIndex) -> None:
    whole = names(index, "公积金", limit=100)
    paged = [
        name
        for offset in range(0, 100, 5)
        for name in names(index, "公积金", limit=5, offset=offset)
    ]
    assert paged == whole
    assert len(set(whole)) == len(whole)


def test_an_empty_index_answers(tmp_path: Path) -> None:
    write_index(tmp_path, [])
    assert SearchIndex(tmp_path).search("公积金", (), 20).total == 0
