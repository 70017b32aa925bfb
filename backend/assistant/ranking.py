"""Which sources answer a question, and how sure that is.

Three things count: how much of the question a source covers (its names, its questions, its texts),
how well one of its names fits, both ways, and how alike the characters are, for what no word was
made for. Words weigh by how few sources have them; a word that no source has counts against all.
"""

from dataclasses import dataclass

from backend.assistant.index import Candidate, Index, Name
from backend.assistant.sources import Side, Source
from backend.assistant.words import Vocabulary, pairs_of

# Found by the questions of tests/unit/assistant; see docs/assistant.md.
_IN_ALSO, _IN_BODY = 0.75, 0.45
_COVERED, _FITTING, _ALIKE = 0.5, 0.4, 0.25
_HOT, _SIDE, _ALSO_NAME = 0.03, 0.12, 0.85
SURE, _STRANGE, _FITS = 0.36, 0.5, 0.6


@dataclass(frozen=True, slots=True)
class Ranked:
    """A source with how well it fits, 0 to about 1.2, and how well its names alone do, 0 to 1.

    ``strange`` is the part of the question that no source knows a word of, 0 to 1.
    """

    source: Source
    score: float
    fit: float
    strange: float

    @property
    def sure(self) -> bool:
        """Whether it may be answered from; what is mostly strange only where a name fits well."""
        return self.score >= SURE and (self.strange < _STRANGE or self.fit >= _FITS)


def rank(index: Index, text: str, side: Side, limit: int = 8) -> list[Ranked]:
    """The sources that may answer a question, the likeliest first.

    It computes: call it off the event loop.

    Args:
        text: the question, normal or not.
        side: whose channel it is asked in.
    """
    question = _Question(index.vocabulary, text)
    if not question.known:
        return []
    found = []
    for candidate in index.candidates(text, question.tokens):
        score, fit = question.score(candidate)
        found.append((score - _SIDE * (side not in candidate.sides), fit, candidate))
    found.sort(key=lambda one: (-one[0], one[2].id))
    return [
        Ranked(index.source(candidate.place), score, fit, question.strange)
        for score, fit, candidate in found[:limit]
    ]


class _Question:
    """A question taken to pieces."""

    def __init__(self, vocabulary: Vocabulary, text: str) -> None:
        self.tokens = vocabulary.tokens(text)
        self.known = {token.word: token.weight for token in self.tokens if token.known}
        self._whole = sum(token.weight for token in self.tokens)
        known = sum(self.known.values())
        self.strange = 1 - known / self._whole if self._whole else 0.0
        self._pairs = frozenset(pairs_of(text))

    def score(self, candidate: Candidate) -> tuple[float, float]:
        """How well a source fits, and how well its names alone do."""
        named: set[str] = set()
        fit = alike = 0.0
        for name in candidate.names:
            weight = 1.0 if name.own else _ALSO_NAME
            if name.own:
                named.update(name.words)
            fit = max(fit, weight * self._fit(name))
            alike = max(alike, weight * self._alike(name))
        covered = self._covered(named, candidate)
        score = _COVERED * covered + _FITTING * fit + _ALIKE * alike + _HOT * candidate.hot
        return score, fit

    def _covered(self, named: set[str], candidate: Candidate) -> float:
        """How much of the question is among its names, its questions, its texts."""
        found = 0.0
        for word, weight in self.known.items():
            if word in named:
                found += weight
            elif word in candidate.also:
                found += weight * _IN_ALSO
            elif f" {word} " in candidate.body:
                found += weight * _IN_BODY
        return found / self._whole if self._whole else 0.0

    def _fit(self, name: Name) -> float:
        """How well a name fits: the harmonic mean of what of it is asked, and of what it says."""
        shared = 0.0
        for word in name.words:
            shared += self.known.get(word, 0.0)
        if not shared:
            return 0.0
        precision, recall = min(shared / name.weight, 1.0), shared / self._whole
        return 2 * precision * recall / (precision + recall)

    def _alike(self, name: Name) -> float:
        """How many pairs of characters they share (Dice)."""
        both = len(self._pairs) + name.pairs
        shared = 0
        for pair in self._pairs:
            shared += pair in name.text
        return 2 * shared / both if both else 0.0
