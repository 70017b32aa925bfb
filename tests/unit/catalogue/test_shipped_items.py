"""The items that the sandbox ships: complete, true to their codes, and spread."""

import re
from collections import Counter

import yaml

from backend.catalogue.checks import check_item
from backend.catalogue.themes import THEMES
from backend.sandbox.departments.registry import LICENCE_TYPES_FILE
from tests.catalogue_items import shipped
from tests.regions import REGIONS


def test_there_are_at_least_130_of_nine_departments() -> None:
    assert len(shipped()) >= 130
    counts = Counter(item.department.code for item in shipped())
    assert len(counts) == 9
    assert min(counts.values()) >= 14


def test_every_one_passes_every_publication_check() -> None:
    assert [
        (item.task_name, failure.message) for item in shipped() for failure in check_item(item)
    ] == []


def test_codes_and_everyday_names_are_unique() -> None:
    for names in (
        [item.task_code for item in shipped()],
        [item.plain_name for item in shipped()],
        [(item.department.code, item.task_name) for item in shipped()],
    ):
        assert [name for name, count in Counter(names).items() if count > 1] == []


def test_codes_follow_their_structure() -> None:
    for item in shipped():
        assert re.fullmatch(r"1144[0-9A-Z]{14}[2-7]44\d{10}", item.task_code)
        assert item.task_code.startswith(item.department.uscc)


def test_both_audiences_are_served() -> None:
    assert sum("citizen" in item.audience for item in shipped()) >= 80
    assert sum("enterprise" in item.audience for item in shipped()) >= 50


def test_every_theme_has_an_item() -> None:
    used = {theme for item in shipped() for theme in item.themes}
    assert used == {theme.code for theme in THEMES}


def test_regions_exist_and_the_items_are_spread_over_province_cities_and_counties() -> None:
    regions = REGIONS
    levels = Counter(min(regions.get(code).level for code in item.regions) for item in shipped())
    assert levels[1] > 100
    assert levels[2] >= 10
    assert levels[3] >= 3


def test_every_level_of_exercise_from_province_to_township_occurs() -> None:
    assert {"2", "3", "4", "5", "7"} <= {item.use_level for item in shipped()}


def test_every_licence_named_by_an_item_is_one_that_the_wallet_knows() -> None:
    known = set(yaml.safe_load(LICENCE_TYPES_FILE.read_text(encoding="utf-8")).values())
    named = {
        material.licence_type_code
        for item in shipped()
        for material in item.materials
        if material.licence_type_code
    }
    named |= {code for item in shipped() for code in item.licence_type_results}
    assert named <= known
    assert len(named) >= 9


def test_every_guide_says_what_a_person_asks_first() -> None:
    for item in shipped():
        assert item.materials, item.task_name
        assert item.faqs, item.task_name
        assert item.transact_addr, item.task_name
        assert item.transact_time, item.task_name
        assert item.keywords, item.task_name
        assert len(item.handle_flow) >= 2, item.task_name
        assert item.result_name, item.task_name


def test_a_law_is_named_by_its_title_or_number() -> None:
    for item in shipped():
        for law in item.by_law:
            assert "《" in law or "规定" in law or "办法" in law or "政策" in law or "要求" in law


def test_no_answer_is_given_twice() -> None:
    answers = Counter(faq.answer for item in shipped() for faq in item.faqs)
    assert [answer for answer, count in answers.items() if count > 1] == []
