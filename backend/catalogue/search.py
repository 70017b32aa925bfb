"""Full-text search over the catalogue: a tantivy index in files that all workers map.

People type everyday words, half a name, pinyin, initials, and all of these with mistakes. A query
goes through three stages and stops at the first that finds something:

1. *strict*: every word occurs in the everyday name, name, keywords or department, as itself, as a
   synonym or as its pairs of characters; Latin letters are pinyin, its beginning, or initials;
2. *wide*: the same, and words may also occur in what the item is about;
3. *near*: some words, characters of the same sound, one wrong letter or character. What it finds
   is filtered by likeness, and the likeliest word is proposed (“您是不是要找”).

The best of a stage are put in order again by how well the whole query fits their names.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import tantivy
from tantivy import Occur, Query

from backend.catalogue import pinyin
from backend.catalogue.likeness import fit, likeness, meanings
from backend.catalogue.words import (
    bigrams,
    cut,
    is_latin,
    runs,
    same_words,
    without_fillers,
)
from backend.store.shelves import Shelf, write_shelf

_ENTRIES, _KNOWN, _LATIN = "entries.jsonl", "known.txt", "latin.txt"
_RERANKED = 100
_NEAR = 40
_LIKE_ENOUGH = 0.45
_LIKE_THE_BEST = 0.75
_STRICT = (("plain", 4.0), ("keywords", 4.0), ("name", 3.0), ("department", 1.0))
_WIDE = (*_STRICT, ("about", 0.5))


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index needs to know of an item.

    Attributes:
        phrases: everyday name, name and keywords, in this order.
        words: the words by field, as ``terms.words_of`` cut them.
        tags: exact filters, such as ``theme:housing``.
        hot: whether many people look for it.
    """

    phrases: tuple[str, ...]
    words: dict[str, list[str]]
    tags: tuple[str, ...]
    hot: bool


class Found(NamedTuple):
    """A page of hits: positions of entries, how many there are in all, a proposal."""

    positions: list[int]
    total: int
    suggestion: str | None


class SearchIndex:
    """The index over a sequence of entries, opened from its folder; a hit is a position in it.

    Searching computes: call it off the event loop.
    """

    def __init__(self, folder: Path) -> None:
        self._entries = _Entries(Shelf(folder / _ENTRIES))
        self._index = tantivy.Index.open(str(folder))
        self._schema = self._index.schema
        self._index.register_tokenizer("words", _whitespace())
        self._known = _read_words(folder / _KNOWN)
        self._latin = _read_words(folder / _LATIN)
        self._searcher = self._index.searcher()

    def search(self, text: str, tags: Sequence[str], limit: int, offset: int = 0) -> Found:
        """Find entries.

        Args:
            text: what a person typed.
            tags: filters that all must hold.
            limit: hits of the page; offset: hits before it.

        Returns:
            The page. ``suggestion`` is a word only where nothing exact was found.
        """
        parts = [(run if is_latin(run) else without_fillers(run)) for run in runs(text)]
        if not parts:
            return Found([], 0, None)
        for fields in (_STRICT, _WIDE):
            query = self._exact(parts, fields)
            found = query and self._ranked(self._filtered(query, tags), parts, limit, offset)
            if found and found.total:
                return found
        return self._near(parts, tags, limit, offset)

    def _exact(self, parts: list[str], fields: Sequence[tuple[str, float]]) -> Query | None:
        musts: list[Query] = []
        for part in parts:
            pieces = self._cut(part)
            if is_latin(part) and not _plausible(part, pieces):
                return None
            for piece in pieces:
                alternatives = [self._means(word, fields) for word in meanings(piece)]
                musts.append(Query.disjunction_max_query(alternatives))
        return Query.boolean_query([(Occur.Must, one) for one in musts])

    def _cut(self, part: str) -> list[str]:
        if is_latin(part):
            return [part] if part in self._latin else cut(part, self._latin, longest=40)
        known = _Known(self._known)
        return cut(part, known)

    def _means(self, word: str, fields: Sequence[tuple[str, float]]) -> Query:
        """A query for one word: by itself, by its pairs of characters, by its sound."""
        ways = [self._term(field, word, boost) for field, boost in fields]
        if not is_latin(word):
            pairs = [(Occur.Must, self._term("grams", gram, 1.0)) for gram in bigrams(word)]
            return Query.disjunction_max_query([*ways, Query.boolean_query(pairs)])
        ways += [self._term("pinyin", word, 4.0), self._term("initials", word, 3.0)]
        if len(word) >= 3:
            begins = Query.fuzzy_term_query(self._schema, "pinyin", word, 0, prefix=True)
            ways.append(Query.boost_query(begins, 1.0))
        return Query.disjunction_max_query(ways)

    def _term(self, field: str, word: str, boost: float) -> Query:
        return Query.boost_query(Query.term_query(self._schema, field, word, "freq"), boost)

    def _filtered(self, query: Query, tags: Sequence[str]) -> Query:
        if not tags:
            return query
        filters = [
            Query.const_score_query(Query.term_query(self._schema, "tags", tag), 0.0)
            for tag in tags
        ]
        return Query.boolean_query([(Occur.Must, one) for one in (query, *filters)])

    def _ranked(self, query: Query, parts: list[str], limit: int, offset: int) -> Found:
        result: Any = self._searcher.search(query, max(_RERANKED, offset + limit))
        hits = list(self._hits(result))
        if not hits:
            return Found([], 0, None)
        top = hits[0][1] or 1.0
        head = [
            (fit(parts, self._entries[position].phrases) + score / top, position)
            for position, score in hits[:_RERANKED]
        ]
        head = [(score + 0.3 * self._entries[place].hot, place) for score, place in head]
        head.sort(key=lambda pair: (-pair[0], pair[1]))
        ordered = [place for _, place in head] + [place for place, _ in hits[_RERANKED:]]
        return Found(ordered[offset : offset + limit], int(result.count), None)

    def _hits(self, result: Any) -> Iterator[tuple[int, float]]:
        for score, address in result.hits:
            yield self._searcher.doc(address)["position"][0], score

    def _near(self, parts: list[str], tags: Sequence[str], limit: int, offset: int) -> Found:
        ways = [way for part in parts for way in self._resembling(part)]
        if not ways:
            return Found([], 0, None)
        query = Query.boolean_query([(Occur.Should, way) for way in ways])
        result = self._searcher.search(self._filtered(query, tags), _NEAR)
        scored = []
        for position, _ in self._hits(result):
            entry = self._entries[position]
            like = max(likeness("".join(parts), phrase) for phrase in entry.phrases)
            like = max(like, min(self._best_word(part, entry)[0] for part in parts))
            if like >= _LIKE_ENOUGH:
                scored.append((like + 0.02 * entry.hot, position))
        scored.sort(key=lambda pair: (-pair[0], pair[1]))
        least = _LIKE_THE_BEST * scored[0][0] if scored else 0.0
        places = [place for like, place in scored if like >= least]
        suggestion = self._suggestion(parts, places)
        return Found(places[offset : offset + limit], len(places), suggestion)

    def _resembling(self, part: str) -> Iterator[Query]:
        if is_latin(part):
            if len(part) >= 4:
                distance = 1 if len(part) < 8 else 2
                for prefix, boost in ((False, 40.0), (True, 15.0)):
                    near = Query.fuzzy_term_query(
                        self._schema, "pinyin", part, distance, prefix=prefix
                    )
                    yield Query.boost_query(near, boost)
            yield from (self._means(piece, _STRICT) for piece in self._cut(part) if len(piece) > 1)
            return
        for sound in pinyin.full(part):
            yield self._term("pinyin", sound, 30.0)
        for piece in filter(lambda piece: len(piece) > 1, self._cut(part)):
            for word in same_words(piece):
                yield from (self._term(field, word, boost) for field, boost in _STRICT)
        yield from (self._term("grams", gram, 1.0) for gram in _grams(part))

    def _best_word(self, part: str, entry: Entry) -> tuple[float, str]:
        words = [
            word for field in ("plain", "keywords", "name") for word in entry.words.get(field, ())
        ]
        return max(((likeness(part, word), word) for word in words), default=(0.0, ""))

    def _suggestion(self, parts: list[str], places: list[int]) -> str | None:
        chosen = []
        for part in parts:
            options = [self._best_word(part, self._entries[place]) for place in places[:20]]
            like, word = max(options, default=(0.0, ""))
            if like < _LIKE_ENOUGH:
                return None
            chosen.append(word)
        proposal = "".join(chosen)
        return proposal if proposal != "".join(parts) else None


class _Entries:
    """The entries in their order, read from their file; their tags are in the index alone."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def __getitem__(self, place: int) -> Entry:
        phrases, words, hot = self._shelf[place]
        return Entry(tuple(phrases), words, (), hot)


def write_index(folder: Path, entries: Sequence[Entry]) -> None:
    """Make the index over these entries in an empty folder. It computes: not on an event loop."""
    index = tantivy.Index(_schema(), path=str(folder))
    index.register_tokenizer("words", _whitespace())
    known: set[str] = set()
    latin: set[str] = set()
    writer = index.writer(heap_size=20_000_000, num_threads=1)
    for position, entry in enumerate(entries):
        writer.add_document(_document(position, entry, known, latin))
    writer.commit()
    writer.wait_merging_threads()
    write_shelf(folder / _ENTRIES, ([one.phrases, one.words, one.hot] for one in entries))
    (folder / _KNOWN).write_text("\n".join(sorted(known)), "utf-8")
    (folder / _LATIN).write_text("\n".join(sorted(latin)), "utf-8")


def _document(position: int, entry: Entry, known: set[str], latin: set[str]) -> tantivy.Document:
    """The document of an entry; adds its words to those that the index knows."""
    document = tantivy.Document()
    document.add_unsigned("position", position)
    for field in ("plain", "name", "keywords", "about", "department"):
        document.add_text(field, " ".join(entry.words.get(field, ())))
    found = {word for field in ("plain", "name", "keywords") for word in entry.words.get(field, ())}
    known |= found
    known.update(entry.words.get("department", ()), entry.words.get("about", ()))
    chinese = {word for word in found if not word.isascii()}
    full = {reading for word in chinese for reading in pinyin.full(word)}
    short = {pinyin.initials(word) for word in chinese if len(word) > 1}
    latin |= full | short | (found - chinese)
    grams = {gram for phrase in entry.phrases for run in runs(phrase) for gram in _grams(run)}
    document.add_text("pinyin", " ".join(full))
    document.add_text("initials", " ".join(short))
    document.add_text("grams", " ".join(grams))
    for tag in entry.tags:
        document.add_text("tags", tag)
    return document


def _read_words(path: Path) -> set[str]:
    return set(path.read_text("utf-8").split())


def _plausible(part: str, pieces: list[str]) -> bool:
    """Whether Latin letters may be this row of words: no single letters, and not too many words."""
    return pieces == [part] or (len(pieces) <= 6 and all(len(piece) > 1 for piece in pieces))


class _Known:
    """The index's vocabulary and the words that have synonyms, as one container."""

    def __init__(self, words: set[str]) -> None:
        self._words = words

    def __contains__(self, word: object) -> bool:
        return word in self._words or (isinstance(word, str) and len(same_words(word)) > 1)

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)


def _grams(run: str) -> Iterable[str]:
    return {*run, *bigrams(run)}


def _whitespace() -> Any:
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("position", stored=True, indexed=True)
    for field in ("plain", "name", "keywords", "about", "department"):
        builder.add_text_field(field, tokenizer_name="words", index_option="freq")
    for field in ("pinyin", "initials", "grams"):
        builder.add_text_field(field, tokenizer_name="words", index_option="basic")
    builder.add_text_field("tags", tokenizer_name="raw", index_option="basic")
    return builder.build()
