"""The measure: everyday questions find their source among the first three, without a model."""

import random

import pytest

from backend.assistant.index import Index, write_index
from backend.assistant.ranking import rank
from tests.unit.assistant.questions import places, questions, sources

LEAST, LEAST_FIRST = 0.9, 0.8


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("assistant")
    write_index(folder, sources(), places())
    return Index(folder)


def test_the_set_is_large_enough_and_asks_everything_once() -> None:
    assert len(questions()) >= 150
    assert len({question.text for question in questions()}) == len(questions())
    assert sum(not question.wanted for question in questions()) >= 15


def test_the_right_source_is_among_the_first_three(index: Index) -> None:
    asked = [question for question in questions() if question.wanted]
    missed, first = [], 0
    for question in asked:
        found = [one.source.id for one in rank(index, question.text, question.side)]
        first += found[:1] != [] and found[0] in question.wanted
        if not question.wanted.intersection(found[:3]):
            missed.append(question.text)
    assert 1 - len(missed) / len(asked) >= LEAST, missed
    assert first / len(asked) >= LEAST_FIRST


def test_what_is_no_matter_of_ours_is_not_answered(index: Index) -> None:
    answered = [
        question.text
        for question in questions()
        if not question.wanted
        and any(one.sure for one in rank(index, question.text, question.side))
    ]
    assert answered == []


def test_what_is_known_is_answered(index: Index) -> None:
    asked = [question for question in questions() if question.wanted]
    unsure = [
        question.text for question in asked if not rank(index, question.text, question.side)[0].sure
    ]
    assert len(unsure) / len(asked) <= 0.05, unsure


def test_nothing_that_is_typed_breaks_it(index: Index) -> None:
    r = random.Random(7)
    letters = "身份证丢了办 aZ09?!'\"\\:*~^()[]{}+-&|\n\0\u200b😀𠮷、。"
    for _ in range(300):
        rank(index, "".join(r.choices(letters, k=r.randrange(40))), "citizen")
