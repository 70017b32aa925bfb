"""Turns one ordinary person in two thousand into one whom careless software gets wrong."""

from collections.abc import Callable
from dataclasses import replace

from backend.numbers.service import make_id_number
from backend.sandbox.population.people import Person
from backend.sandbox.population.serials import permit_sequence

UNUSUAL_AGE = 46
LONG_NAMES = ("阿卜杜热合曼江·买买提艾力巴拉提", "古丽斯坦阿依木·阿布都克里木托合提")
RARE_NAMES = ("刘䶮", "王𬭚", "陈㛃", "李𠅤", "周小𬭚")
# Name, country, numeric code of ISO 3166.
FOREIGNERS = (
    ("MUELLER HANS PETER", "德国", "276"),
    ("WILLIAMS ELIZABETH MARGARET ALEXANDRA", "英国", "826"),
    ("TANAKA YUKI", "日本", "392"),
    ("NGUYEN THI MINH HANH", "越南", "704"),
    ("O'CONNOR SEAN", "爱尔兰", "372"),
)
_Change = Callable[[Person, int, str], Person]


def unusual(person: Person, number: int, spare: str) -> Person:
    """An unusual version of a person.

    Args:
        person: somebody who lives alone, is 46 and has no job.
        number: running number among the unusual; the sorts take turns.
        spare: an identity number that nobody else has.
    """
    turn, sort = divmod(number, len(_CHANGES))
    return _CHANGES[sort](person, turn, spare)


def _with_permit(prefix: str) -> _Change:
    """A resident of Hong Kong, Macao or Taiwan (港澳台居民居住证)."""

    def change(person: Person, turn: int, _spare: str) -> Person:
        number = make_id_number(prefix, person.birth, permit_sequence(turn, person.sex))
        return replace(person, id_number=number, ethnicity="汉", residence_permit=False)

    return change


def _foreign(person: Person, turn: int, _spare: str) -> Person:
    name, country, code = FOREIGNERS[turn % len(FOREIGNERS)]
    number = make_id_number(f"944{code}", person.birth, permit_sequence(turn, person.sex))
    return replace(
        person,
        name=name,
        id_number=number,
        id_type="553",
        ethnicity=country,
        residence_permit=False,
    )


def _long_name(person: Person, turn: int, _spare: str) -> Person:
    return replace(person, name=LONG_NAMES[turn % len(LONG_NAMES)], ethnicity="维吾尔")


def _rare_name(person: Person, turn: int, _spare: str) -> Person:
    return replace(person, name=RARE_NAMES[turn % len(RARE_NAMES)], ethnicity="汉")


def _without_licences(person: Person, _turn: int, _spare: str) -> Person:
    return replace(
        person,
        licence_load="none",
        driver=None,
        car=None,
        home=None,
        residence_permit=False,
    )


def _with_many_licences(person: Person, _turn: int, _spare: str) -> Person:
    return replace(person, licence_load="many")


def _deceased(person: Person, _turn: int, _spare: str) -> Person:
    return replace(
        person,
        status="deceased",
        phone=None,
        driver=None,
        car=None,
        home=None,
        residence_permit=False,
    )


def _with_replaced_number(person: Person, _turn: int, spare: str) -> Person:
    return replace(person, previous_numbers=(spare,))


def _face_refused(person: Person, _turn: int, _spare: str) -> Person:
    return replace(person, face_ok=False)


_CHANGES: tuple[_Change, ...] = (
    _with_permit("810000"),
    _foreign,
    _with_replaced_number,
    _rare_name,
    _with_permit("820000"),
    _deceased,
    _long_name,
    _without_licences,
    _with_permit("830000"),
    _with_many_licences,
    _face_refused,
)
