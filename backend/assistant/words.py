"""The words of a question: what is asked about, cut alike for questions and for sources.

rjieba cuts the sources into words when the index is made, which gives the vocabulary; questions and
names are then cut into the fewest words of that vocabulary, so that both fall into the same pieces
and no worker that answers needs the dictionary. Words of one meaning count as one (``canonical``).
What is no word may be one by its sound (社宝卡), but for one character (居往证), or in pinyin.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from backend.catalogue.service import (
    bigrams,
    cut,
    is_latin,
    normal,
    pinyin_full,
    pinyin_initials,
    same_words,
)

_LISTS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text("utf-8"))
_GROUPS: dict[str, str] = {word: group[0] for group in _LISTS["alike"] for word in group}
# Words that say nothing about the matter.
STOP: frozenset[str] = frozenset(_LISTS["stop"])
# What is asked of a matter, by the words for it.
ABOUT: dict[str, tuple[str, ...]] = {
    about: tuple(words) for about, words in _LISTS["about"].items()
}
_RUN = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
_LONGEST, _LONGEST_MENDED = 12, 6
_NUMERALS = frozenset("零一二三四五六七八九十百千万0123456789")


@lru_cache(maxsize=65536)
def canonical(word: str) -> str:
    """The word that stands for all of its meaning."""
    if word in _GROUPS:
        return _GROUPS[word]
    group = same_words(word)
    for one in group:
        if one in _GROUPS:
            return _GROUPS[one]
    return min(group) if len(group) > 1 else word


def runs_of(text: str, longest: int = 200) -> list[str]:
    """The runs of Latin and of other letters, of at most so many characters."""
    return _RUN.findall(normal(text)[:longest])


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a question: ``known`` to the index, or not; ``weight`` is how much it says."""

    word: str
    weight: float
    known: bool = True


class Vocabulary:
    """What the index knows of words.

    Args:
        weights: by word as it is written, how much it says (0 for what every source has).
        names: the words of names, which are what may be meant by something misspelt.
    """

    def __init__(self, weights: Mapping[str, float], names: Iterable[str]) -> None:
        self._weights = weights
        self._most = max(weights.values(), default=1.0)
        self._sounds: dict[str, str] = {}
        self._near: dict[str, str] = {}
        for word in sorted({*names, *_GROUPS, *STOP}, key=lambda word: (len(word), word)):
            if len(word) < 2 or is_latin(word):
                continue
            for sound in pinyin_full(word)[:2]:
                self._sounds.setdefault(sound, word)
            if len(word) > 2:
                self._sounds.setdefault(pinyin_initials(word), word)
                for place in range(len(word)):
                    if word[place] not in _NUMERALS:
                        self._near.setdefault(_masked(word, place), word)

    def __contains__(self, word: object) -> bool:
        return word in self._weights or word in _GROUPS or word in STOP

    def tokens(self, text: str) -> list[Token]:
        """The tokens of a question, those that say nothing left out."""
        found: dict[str, Token] = {}
        for run in runs_of(text):
            for token in self._latin(run) if is_latin(run) else self._chinese(run):
                found.setdefault(token.word, token)
        return list(found.values())

    def words(self, text: str) -> list[str]:
        """The words of a name or a text, by meaning, each once."""
        found: dict[str, None] = {}
        for run in runs_of(text, longest=10_000):
            for piece in [run] if is_latin(run) else cut(run, self, _LONGEST):
                if piece not in STOP:
                    found[canonical(piece)] = None
        return list(found)

    def _chinese(self, run: str) -> Iterator[Token]:
        start = 0
        for piece in cut(run, self, _LONGEST):
            if piece not in self and (mended := self._mended(run, start, start + len(piece))):
                begins, ends, word = mended
                yield from self._chinese(run[:begins])
                yield self._token(word)
                yield from self._chinese(run[ends:])
                return
            start += len(piece)
        for piece in cut(run, self, _LONGEST):
            if piece in self:
                if piece not in STOP:
                    yield self._token(piece)
            else:
                # One strange character may be a slip; two of them are another subject.
                yield Token(piece, self._most * (1.0 if len(piece) > 1 else 0.3), known=False)

    def _mended(self, run: str, begins: int, ends: int) -> tuple[int, int, str] | None:
        """The longest stretch around something strange that may be meant for a word."""
        for length in range(_LONGEST_MENDED, 1, -1):
            first, last = max(0, ends - length), min(begins, len(run) - length)
            for start in range(first, last + 1):
                word = self._meant(run[start : start + length])
                if word is not None:
                    return start, start + length, word
        return None

    def _latin(self, run: str) -> Iterator[Token]:
        if run in self._weights:
            yield self._token(run)
            return
        for piece in cut(run, self._sounds, 40):
            word = self._sounds.get(piece) or self._misspelt(piece)
            if word in STOP:
                continue
            if word is not None:
                yield self._token(word)
            elif not piece.isdigit():
                yield Token(piece, self._most, known=False)

    def _token(self, word: str) -> Token:
        weight = self._weights.get(canonical(word), self._weights.get(word, self._most))
        return Token(canonical(word), weight)

    def _meant(self, piece: str) -> str | None:
        """The word that was meant by something that is none: same sound, or one character off."""
        for sound in pinyin_full(piece)[:2]:
            word = self._sounds.get(sound)
            # Two characters of some sound are easily met with: one has to be right.
            if (
                word is not None
                and len(word) == len(piece)
                and (
                    len(piece) > 2
                    or any(one == other for one, other in zip(word, piece, strict=True))
                )
            ):
                return word
        if len(piece) > 2:
            for place in range(len(piece)):
                if piece[place] not in _NUMERALS and (
                    word := self._near.get(_masked(piece, place))
                ):
                    return word
        return None

    def _misspelt(self, piece: str) -> str | None:
        """One letter missing, too many, or wrong in pinyin of six letters and more."""
        if len(piece) < 6:
            return None
        letters = "abcdefghijklmnopqrstuvwxyz"
        for at in range(len(piece) + 1):
            head, tail = piece[:at], piece[at:]
            options = [head + tail[1:]]
            options += [head + letter + tail[1:] for letter in letters]
            options += [head + letter + tail for letter in letters]
            for option in options:
                if option in self._sounds:
                    return self._sounds[option]
        return None

    def weight(self, word: str) -> float:
        """How much a canonical word says."""
        return self._weights.get(word, self._most)


def _masked(word: str, place: int) -> str:
    return f"{word[:place]}?{word[place + 1 :]}"


def pairs_of(text: str) -> list[str]:
    """Pairs of neighbouring characters, for what no word was made for."""
    return [pair for run in runs_of(text) for pair in bigrams(run) if len(pair) > 1]
