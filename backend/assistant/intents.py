"""What somebody wants to know of a matter, by the words that they use for it."""

import re

from backend.assistant.words import ABOUT

_WORDS = {word: about for about, words in ABOUT.items() for word in words}
_ANY = re.compile("|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True)))
_REST = re.compile(
    "[那这它他她个呢吗啊呀的了还要需得又另外请问我想知道一般大概"
    "办理办事项东西哪些都能可以是有好会在到，。？?！! ]"
)


def asked_about(text: str) -> list[str]:
    """What is asked about, the most telling first; empty where nothing in particular is."""
    found = {_WORDS[match] for match in _ANY.findall(text)}
    return [about for about in ABOUT if about in found]


def is_only_about(text: str) -> bool:
    """Whether a question names no matter at all (“那要多少钱？”): it goes on from the last."""
    return bool(_ANY.search(text)) and not _REST.sub("", _ANY.sub("", text))
