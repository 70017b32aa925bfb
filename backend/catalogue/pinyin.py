"""Readings of Chinese words: full pinyin without tones, and initials.

The phrase dictionary of pypinyin costs 45 MB in every worker, so it stays out; a character that has
several readings is instead indexed under its two commonest. The dictionary of characters costs 10
MB more; it is read when the first reading is wanted, which most workers never do: what is indexed
is indexed once for all of them.
"""

import os
from functools import lru_cache
from itertools import islice, product

_READINGS_OF_A_CHARACTER = 2
_READINGS_OF_A_WORD = 8


@lru_cache(maxsize=8192)
def _readings(character: str) -> tuple[str, ...]:
    # Must come before the import.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
    from pypinyin import Style, pinyin

    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="default")[0]
    return tuple(dict.fromkeys(reading.replace("ü", "v") for reading in found))


@lru_cache(maxsize=65536)
def full(word: str) -> tuple[str, ...]:
    """The readings of a word, the commonest first: 公积金 → ``("gongjijin",)``; at most 8."""
    choices = [_readings(character)[:_READINGS_OF_A_CHARACTER] for character in word]
    joined = ("".join(parts) for parts in product(*choices))
    return tuple(dict.fromkeys(islice(joined, _READINGS_OF_A_WORD)))


@lru_cache(maxsize=65536)
def initials(word: str) -> str:
    """The first letters of a word's commonest reading: 公积金 → ``"gjj"``."""
    return "".join(_readings(character)[0][:1] for character in word)
