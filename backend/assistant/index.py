"""The index over all sources: tantivy files that the workers of a machine share.

What is found is looked at again (``ranking``): tantivy gives the forty likeliest.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import tantivy
from tantivy import Occur, Query

from backend.assistant.sources import Passage, Source
from backend.assistant.words import (
    STOP,
    Token,
    Vocabulary,
    canonical,
    pairs_of,
    runs_of,
)
from backend.catalogue.service import is_latin
from backend.store.shelves import Shelf, write_shelf

_WEIGHTS, _LOOKS, _SOURCES = "weights.json", "looks.jsonl", "found.jsonl"
_CANDIDATES = 40
_FIELDS = (("names", 4.0), ("also", 1.5), ("body", 0.4))
_HEAP = 20_000_000
_PLACE = 0.2


class Name(NamedTuple):
    """A name of a source, or a question that it answers.

    ``weight`` is that of its words together; ``text`` is its runs, with so many ``pairs`` of
    characters.
    """

    own: bool
    words: list[str]
    weight: float
    text: str
    pairs: int


class Candidate(NamedTuple):
    """A source that may be meant, as the index knows it: ``body`` is its words between blanks."""

    place: int
    id: str
    hot: bool
    sides: list[str]
    names: list[Name]
    also: list[str]
    body: str


class Index:
    """Opened from its folder. Searching computes: call it off the event loop."""

    def __init__(self, folder: Path) -> None:
        self._index = tantivy.Index.open(str(folder))
        self._index.register_tokenizer("words", _whitespace())
        self._schema = self._index.schema
        self._searcher = self._index.searcher()
        self._looks, self._sources = Shelf(folder / _LOOKS), Shelf(folder / _SOURCES)
        weights, names = orjson.loads((folder / _WEIGHTS).read_bytes())
        self.vocabulary = Vocabulary(weights, names)

    def candidates(self, text: str, tokens: Sequence[Token]) -> list[Candidate]:
        """The likeliest sources, the likeliest first."""
        ways = [
            (Occur.Should, self._term(field, token.word, boost * token.weight))
            for token in tokens
            if token.known
            for field, boost in _FIELDS
        ]
        ways += [(Occur.Should, self._term("pairs", pair, 0.3)) for pair in set(pairs_of(text))]
        if not ways:
            return []
        result: Any = self._searcher.search(Query.boolean_query(ways), _CANDIDATES)
        return [self._candidate(address) for _, address in result.hits]

    def source(self, place: int) -> Source:
        """The source at a place."""
        return source_of(self._sources[place])

    def get(self, source_id: str) -> Source | None:
        """A source by its id."""
        query = Query.term_query(self._schema, "id", source_id)
        result: Any = self._searcher.search(query, 1)
        if not result.hits:
            return None
        return self.source(self._searcher.doc(result.hits[0][1])["place"][0])

    def _candidate(self, address: Any) -> Candidate:
        place = self._searcher.doc(address)["place"][0]
        source_id, hot, sides, names, also, body = self._looks[place]
        return Candidate(place, source_id, hot, sides, [Name(*one) for one in names], also, body)

    def _term(self, field: str, word: str, boost: float) -> Query:
        return Query.boost_query(Query.term_query(self._schema, field, word, "freq"), boost)


def write_index(folder: Path, sources: Iterable[Source], places: Iterable[str] = ()) -> None:
    """Make the index in an empty folder. It computes: not on an event loop.

    Args:
        sources: gone through twice.
        places: names of places, which say little about the matter.
    """
    weights, names = _weights(sources)
    weights.update(dict.fromkeys(places, _PLACE))
    vocabulary = Vocabulary(weights, names)
    index = tantivy.Index(_schema(), path=str(folder))
    index.register_tokenizer("words", _whitespace())
    writer = index.writer(heap_size=_HEAP, num_threads=1)

    def looks() -> Iterator[list[Any]]:
        for place, source in enumerate(sources):
            look = _look(place, source, vocabulary)
            writer.add_document(_document(look))
            yield [*look[1:4], [[*name] for name in look.names], *look[5:]]

    # One pass writes both: what is found by, and what is looked at again.
    write_shelf(folder / _LOOKS, looks())
    write_shelf(folder / _SOURCES, sources)
    writer.commit()
    writer.wait_merging_threads()
    (folder / _WEIGHTS).write_bytes(orjson.dumps([weights, names]))


def _weights(sources: Iterable[Source]) -> tuple[dict[str, float], list[str]]:
    """Every word of the sources with its inverse document frequency, by meaning; words of names.

    A word of names counts where it names something: 身份证 is among the materials of every guide,
    and says a great deal nevertheless.
    """
    naming: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    words: set[str] = set()
    of_names: set[str] = set()
    total = 1
    for source in sources:
        total += 1
        names = {word for name in source.names for word in _cut(name)}
        # A character that stands alone somewhere in a text makes a word of no question.
        mine = names | {word for text in _texts(source) for word in _cut(text) if len(word) > 1}
        words |= mine
        of_names |= names
        naming.update({canonical(word) for word in names})
        counts.update({canonical(word) for word in mine})
    counts.update({word: naming[word] - counts[word] for word in naming})
    most = math.log(total)
    weights = {
        word: 0.0 if word in STOP else round(math.log(total / counts[canonical(word)]) / most, 3)
        for word in sorted({*words, *(canonical(word) for word in words)})
        if counts[canonical(word)]
    }
    return weights, sorted(of_names)


def _texts(source: Source) -> Iterator[str]:
    yield from source.also
    for passage in source.passages:
        yield passage.text


def _cut(text: str) -> Iterator[str]:
    # Its dictionary is 33 MB: only who makes an index needs it.
    import rjieba

    for run in runs_of(text, longest=10_000):
        if is_latin(run):
            yield run
        else:
            yield from rjieba.cut_for_search(run)


def _look(place: int, source: Source, vocabulary: Vocabulary) -> Candidate:
    names = [
        _name(number < len(source.names), text, vocabulary)
        for number, text in enumerate((*source.names, *source.also))
    ]
    texts = (one.text for one in source.passages if one.about != "law")
    body = dict.fromkeys(word for text in texts for word in vocabulary.words(text))
    also = dict.fromkeys(word for name in names if not name.own for word in name.words)
    padded = f" {' '.join(body)} "
    return Candidate(place, source.id, source.hot, list(source.sides), names, list(also), padded)


def _name(own: bool, text: str, vocabulary: Vocabulary) -> Name:
    words = vocabulary.words(text)
    weight = round(sum(vocabulary.weight(word) for word in words), 3)
    return Name(own, words, weight, " ".join(runs_of(text)), len(set(pairs_of(text))))


def _document(look: Candidate) -> tantivy.Document:
    document = tantivy.Document()
    document.add_unsigned("place", look.place)
    document.add_text("id", look.id)
    names = {word for name in look.names if name.own for word in name.words}
    document.add_text("names", " ".join(names))
    document.add_text("also", " ".join(look.also))
    document.add_text("body", look.body)
    document.add_text(
        "pairs", " ".join({pair for one in look.names for pair in pairs_of(one.text)})
    )
    return document


def source_bytes(source: Source) -> bytes:
    """A source in JSON."""
    return orjson.dumps(source)


def source_of(read: dict[str, Any]) -> Source:
    """It again, from what was read."""
    passages = tuple(Passage(**one) for one in read["passages"])
    tuples = {name: tuple(read[name]) for name in ("names", "also", "sides", "regions")}
    return Source(**{**read, **tuples, "passages": passages})


def _whitespace() -> Any:
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("place", stored=True)
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
    for field in ("names", "also", "body"):
        builder.add_text_field(field, tokenizer_name="words", index_option="freq")
    builder.add_text_field("pairs", tokenizer_name="words", index_option="basic")
    return builder.build()
