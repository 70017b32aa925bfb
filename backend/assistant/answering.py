"""An answer put together from what was found: quoted, cited, with the pages that belong to it.

Nothing here is written by anybody but the sources: which paragraphs are quoted follows from the
words of the question, and every page that can be opened is one of the source.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from backend.assistant.intents import asked_about
from backend.assistant.ranking import Ranked
from backend.assistant.shapes import Action, Choice, Citation, Paragraph, Related, Said
from backend.assistant.sources import KIND_NAMES, Kind, Passage, Source
from backend.assistant.words import Vocabulary

HOTLINE = "12345"
HUMAN = "faq:human"
PERSON = Action("person", "转给工作人员")
CALL = Action("call", f"拨打 {HOTLINE}", phone=HOTLINE)
_MOST_PASSAGES, _MOST_CHOICES, _MOST_RELATED = 3, 4, 2
# What is told where nothing in particular is asked about.
_USUALLY: dict[Kind, tuple[str, ...]] = {
    "guide": ("materials", "steps", "time"),
    "policy": ("benefit", "who", "steps"),
    "faq": ("faq",),
}
# So near to the first one another matter may be meant as well; a name that fits so well is meant.
_NEAR, _NAMED = 0.1, 0.85
# So much of a question has to be among the words of a question that the source answers itself.
_SAME_QUESTION = 0.6


def answer_from(found: Sequence[Ranked], question: str, vocabulary: Vocabulary) -> Said:
    """What to say to a question.

    Args:
        found: the likeliest sources, the likeliest first.
    """
    sure = [one for one in found if one.sure]
    if not sure:
        return unknown()
    meant = _may_be_meant(sure)
    if len(meant) > 1:
        return asking_back(meant)
    related = (one.source for one in sure[1:] if one.score >= sure[0].score - 1.5 * _NEAR)
    return told(sure[0].source, question, vocabulary, related)


def unknown() -> Said:
    """Says so, and who can be asked."""
    lead = (
        "这个问题我不知道答案。我只能根据办事指南、已发布的政策和平台说明来回答。"
        f"您可以换个说法再问，也可以转给工作人员，或者拨打 {HOTLINE}。"
    )
    return Said("unknown", lead, actions=(PERSON, CALL))


def asking_back(meant: Sequence[Source]) -> Said:
    """Several matters fit: which one?"""
    choices = [
        Choice(number, source.title, source.department or KIND_NAMES[source.kind])
        for number, source in enumerate(meant, 1)
    ]
    return Said(
        "choices", "有几件事都和您问的有关，您想问哪一件？",
        choices=choices, offered=tuple(source.id for source in meant),
    )  # fmt: skip


def told(
    source: Source, question: str, vocabulary: Vocabulary, related: Iterable[Source] = ()
) -> Said:
    """The paragraphs of one source that answer a question."""
    chosen = _passages(source, question, vocabulary)
    citations = [
        Citation(number, source.kind, source.title, one.section, one.text, source.page)
        for number, one in enumerate(chosen, 1)
    ]
    paragraphs = [
        Paragraph(one.question or one.section, one.text, (number,))
        for number, one in enumerate(chosen, 1)
    ]
    others = [one for one in related if one.id != source.id][:_MOST_RELATED]
    return Said(
        "answer", f"{KIND_NAMES[source.kind]}“{source.title}”里写着：",
        paragraphs, citations, tuple(_actions(source)),
        related=[Related(one.kind, one.title, one.page) for one in others if one.page],
        source=source,
    )  # fmt: skip


def behind(said: Said, uscc: str) -> Said:
    """The same behind the door of an enterprise, whose policies stand on pages of its own."""

    def there(page: str) -> str:
        if page.startswith("/policies/"):
            return f"{page}{'&' if '?' in page else '?'}uscc={uscc}"
        return page

    return replace(
        said,
        citations=[replace(one, page=there(one.page)) for one in said.citations],
        actions=[replace(one, page=there(one.page)) for one in said.actions],
        related=[replace(one, page=there(one.page)) for one in said.related],
    )


def _may_be_meant(sure: Sequence[Ranked]) -> list[Source]:
    """The matters between which a question does not decide; a single one where it does."""
    first = sure[0]
    if first.source.kind == "faq":
        return [first.source]
    near = [one for one in sure if one.score >= first.score - _NEAR]
    if first.fit >= _NAMED:
        # It was called by its name; others may have the same one.
        near = [one for one in near if one.fit >= _NAMED]
    if any(one.source.kind != first.source.kind for one in near[1:2]):
        # A guide and the policy on it: the first answers, the second is named beside it.
        near = [one for one in near if one.source.kind == first.source.kind]
    return [one.source for one in near[:_MOST_CHOICES]]


def _passages(source: Source, question: str, vocabulary: Vocabulary) -> list[Passage]:
    chosen = list(_same_question(source, question, vocabulary))
    wanted = asked_about(question)
    if not chosen or wanted:
        for about in wanted or _USUALLY[source.kind]:
            chosen += [one for one in source.passages if one.about == about]
    if not chosen:
        usual = _USUALLY[source.kind]
        chosen = [one for one in source.passages if one.about in usual]
    return list(dict.fromkeys(chosen))[:_MOST_PASSAGES]


def _same_question(source: Source, question: str, vocabulary: Vocabulary) -> Iterator[Passage]:
    """The paragraph that answers this very question, if one does."""
    named = {word for name in source.names for word in vocabulary.words(name)}
    asked = {token.word for token in vocabulary.tokens(question)} - named
    best, best_share = None, _SAME_QUESTION
    for passage in source.passages:
        if not passage.question:
            continue
        words = set(vocabulary.words(passage.question)) - named
        share = len(words & asked) / len(words | asked) if words | asked else 0.0
        if share >= best_share:
            best, best_share = passage, share
    if best is not None and source.kind != "faq":
        yield best


def _actions(source: Source) -> Iterator[Action]:
    if source.id == HUMAN:
        yield PERSON
        yield CALL
    if source.page:
        label = {"guide": "看办事指南", "policy": "看这条政策", "faq": "打开相关页面"}[source.kind]
        yield Action("page", label, page=source.page)
    if source.form:
        yield Action("form", "去填表（由您自己提交）", page=source.form)
