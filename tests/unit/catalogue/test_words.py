"""What people type, made comparable: normal form, fillers, synonyms, readings, likeness."""

import pytest

from backend.catalogue import pinyin
from backend.catalogue.likeness import fit, likeness, meanings
from backend.catalogue.words import bigrams, cut, normal, runs, same_words, without_fillers


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("  ＧＪＪ ", "gjj"), ("公积金　提取", "公积金 提取"), ("Ｃ１驾照", "c1驾照"), ("", "")],
)
def test_full_width_letters_and_blanks_are_made_plain(typed: str, expected: str) -> None:
    assert normal(typed) == expected


def test_runs_part_latin_letters_from_chinese_and_drop_the_rest() -> None:
    assert runs("办C1驾照，gongji-jin！") == ["办", "c1", "驾照", "gongji", "jin"]
    assert runs("😀、。") == []
    assert sum(map(len, runs("长" * 1000))) == 40


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("上户口怎么办理", "上户口"),
        ("请问护照怎么办", "护照"),
        ("我要离婚了", "离婚"),
        ("办理", "办理"),
        ("怎么办", "怎么办"),
    ],
)
def test_what_says_nothing_is_dropped_unless_nothing_would_be_left(typed: str, kept: str) -> None:
    assert without_fillers(typed) == kept


def test_a_word_brings_its_synonyms_and_comes_first_itself() -> None:
    assert same_words("小孩")[0] == "小孩"
    assert "孩子" in same_words("小孩")
    assert same_words("飞碟") == ("飞碟",)


def test_initials_mean_the_word_and_its_synonyms() -> None:
    assert {"社会保险", "社保"} <= set(meanings("shbx"))
    assert {"驾驶证", "驾照"} <= set(meanings("jiazhao"))
    assert meanings("zzz") == ("zzz",)


def test_cutting_takes_the_fewest_known_words_and_leaves_the_unknown_together() -> None:
    known = {"公积金", "公积", "提取", "取"}
    assert cut("公积金提取", known) == ["公积金", "提取"]
    assert cut("提取公鸡金", known) == ["提取", "公鸡金"]
    assert cut("", known) == []


def test_a_single_character_is_its_own_pair() -> None:
    assert bigrams("税") == ["税"]
    assert bigrams("公积金") == ["公积", "积金"]


def test_readings_of_characters_with_several_are_all_known() -> None:
    assert pinyin.full("公积金")[0] == "gongjijin"
    assert {"xingshizheng", "hangshizheng"} <= set(pinyin.full("行驶证"))
    assert pinyin.full("女")[0] == "nv"
    assert pinyin.initials("社会保险") == "shbx"
    assert len(pinyin.full("行长行长行长行长")) <= 8


def test_the_phrase_itself_fits_best_and_the_part_of_a_short_one_better() -> None:
    phrases = ("领结婚证", "结婚登记")
    assert fit(["领结婚证"], phrases) > fit(["结婚"], phrases) > fit(["离婚"], phrases) == 0.0
    assert fit(["结婚"], ("结婚证",)) > fit(["结婚"], ("结婚证丢了以后怎样补领一本",))
    assert fit(["jiehundengji"], phrases) > fit(["jiehun"], phrases) > 0.0


@pytest.mark.parametrize(
    ("typed", "meant", "other"),
    [
        ("身分证", "身份证", "居住证"),
        ("居往证", "居住证", "身份证"),
        ("shenfengzheng", "身份证", "居住证"),
        ("公鸡金", "公积金", "公司"),
    ],
)
def test_a_mistake_is_more_like_what_was_meant(typed: str, meant: str, other: str) -> None:
    assert likeness(typed, meant) >= 0.45
    assert likeness(typed, meant) > likeness(typed, other)


def test_words_of_very_different_length_are_not_alike() -> None:
    assert likeness("x" * 40, "x") == 0.0
    assert likeness("公积金提取", "公") == 0.0
