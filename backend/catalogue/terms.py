"""The words of an item, cut once when it is registered.

Only here is the dictionary of rjieba needed, 33 MB from its import on, so it is imported when
items are registered: workers that serve read the words from the item's row, and cut what people
type with the index's own vocabulary.
"""

from collections.abc import Iterable

from backend.catalogue.items import ServiceItemSpec
from backend.catalogue.words import runs

Words = dict[str, list[str]]


def words_of(spec: ServiceItemSpec) -> Words:
    """The words by which an item is found: of its everyday name, name, keywords, and the rest."""
    about = [spec.result_name, *(faq.question for faq in spec.faqs)]
    return {
        "plain": _words([spec.plain_name]),
        "name": _words([spec.task_name]),
        "keywords": _words(spec.keywords),
        "department": _words([spec.department.name, spec.department.short_name]),
        "about": _words(about),
    }


def _words(texts: Iterable[str]) -> list[str]:
    import rjieba

    found: dict[str, None] = {}
    for text in texts:
        for run in runs(text):
            found[run] = None
            for word in rjieba.cut_for_search(run):
                found[word] = None
    return list(found)
