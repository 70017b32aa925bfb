"""How well what was typed fits a name: for the order of hits, and for proposals after a mistake."""

from collections.abc import Sequence
from functools import cache, lru_cache

from backend.catalogue import pinyin
from backend.catalogue.words import (
    SYNONYMS,
    bigrams,
    is_latin,
    runs,
    same_words,
    without_fillers,
)


@cache
def _by_sound() -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for group in SYNONYMS:
        for word in group:
            if len(word) > 1:
                for sound in (*pinyin.full(word), pinyin.initials(word)):
                    found.setdefault(sound, {}).update(dict.fromkeys(group))
    return {sound: tuple(words) for sound, words in found.items()}


def meanings(word: str) -> tuple[str, ...]:
    """The word itself, then what people mean by it; ``shbx`` means 社会保险 and so 社保 too."""
    if is_latin(word):
        return (word, *_by_sound().get(word, ()))
    return same_words(word)


def fit(parts: Sequence[str], phrases: Sequence[str]) -> float:
    """How well a whole query fits the everyday name, the name and the keywords of an item.

    Args:
        parts: the query's runs without fillers.
        phrases: everyday name, name, keywords, in this order.

    Returns:
        0 to about 3: 3 where a phrase is the query itself, between where it contains it.
    """
    whole = "".join(parts)
    if is_latin(whole):
        best = max(_latin_fit(whole, phrase) for phrase in phrases)
        meant = meanings(whole)[1:]
        return max([best, *(0.9 * _best_fit(word, phrases) for word in meant)])
    return _best_fit(whole, phrases)


def _best_fit(whole: str, phrases: Sequence[str]) -> float:
    best = 0.0
    for place, phrase in enumerate(phrases):
        weight = 1.0 if place != 1 else 0.9
        best = max(best, weight * _chinese_fit(whole, phrase))
    return best


@lru_cache(maxsize=65536)
def _bare(phrase: str) -> str:
    return "".join(without_fillers(run) for run in runs(phrase))


def _chinese_fit(whole: str, phrase: str) -> float:
    bare = _bare(phrase)
    for word in same_words(whole):
        if word == bare:
            return 3.0
        if word in bare:
            return 1.0 + len(word) / len(bare)
    return 0.0


def _latin_fit(whole: str, phrase: str) -> float:
    bare = _bare(phrase)
    if whole in pinyin.full(bare) or whole == bare:
        return 3.0
    if whole == pinyin.initials(bare):
        return 2.8
    for sound in pinyin.full(bare):
        if sound.startswith(whole):
            return 1.5 + len(whole) / len(sound)
        if whole in sound:
            return 1.0 + len(whole) / len(sound)
    if whole in pinyin.initials(bare):
        return 0.5 + len(whole) / len(bare)
    return 0.0


@lru_cache(maxsize=65536)
def likeness(typed: str, word: str) -> float:
    """How alike two words are, 0 to 1: by their characters, or by their sound where it is closer.

    Latin letters are compared with the sound of a Chinese word, so that ``shenfengzheng`` is like
    身份证; characters of the same sound count nearly as much as the same characters.
    """
    word = word.lower()
    if is_latin(typed) and is_latin(word):
        return _dice(typed, word)
    by_sound = max(
        (_dice(left, right) for left in _sounds(typed) for right in _sounds(word)), default=0.0
    )
    if is_latin(typed):
        return by_sound
    return max(_dice(typed, word), 0.95 * by_sound if by_sound > 0.8 else 0.0)


def _sounds(word: str) -> tuple[str, ...]:
    return (word,) if is_latin(word) else pinyin.full(word)[:2]


def _dice(left: str, right: str) -> float:
    """Shared characters and pairs; of equally long words also characters in the same place."""
    shorter, longer = sorted((len(left), len(right)))
    if longer > 2 * shorter + 1:
        return 0.0
    first, second = {*left, *bigrams(left)}, {*right, *bigrams(right)}
    shared = 2 * len(first & second) / (len(first) + len(second))
    if shorter != longer:
        return shared
    same = sum(one == other for one, other in zip(left, right, strict=True))
    return max(shared, 0.75 * same / longer)
