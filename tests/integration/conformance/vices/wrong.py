"""What a department does wrong, and what the kit has to say of it; the makers of such vices."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.integration.conformance.conftest import Start, explained, failed, look_at
from tests.integration.conformance.crooked import Change, Forgive, Read, Reply, Vice, crooked

LICENCES = "licences.query"
OTHER_NAME = "不是此人"


@dataclass(frozen=True)
class Wrong:
    """A vice and what the kit has to say of it: these checks, and no others."""

    name: str
    expected: set[str]
    vice: Callable[[], Vice]
    department: str = "gongan"
    operation: str = LICENCES
    words: str = ""


def forgives(*reasons: str) -> Callable[[], Vice]:
    """Lets in what was refused for one of these reasons."""
    forgive: Forgive = lambda reason, request: reason in reasons  # noqa: E731
    return lambda: Vice(forgives=forgive)


def answers(change: Callable[[dict[str, Any], Any], Any]) -> Callable[[], Vice]:
    """Changes the document of each good answer, in place or by returning another."""

    def _change(reply: Reply, query: Any) -> Reply:
        document = reply.document
        return reply.says(change(document, query) or document)

    return lambda: Vice(answers=_change)


def licence(**changed: Any) -> Callable[[], Vice]:
    """Changes the first licence of each answer."""

    def _change(document: dict[str, Any], query: Any) -> None:
        for one in document["licences"][:1]:
            one.update(changed)

    return answers(_change)


def replies(change: Change) -> Callable[[], Vice]:
    """Changes each good reply."""
    return lambda: Vice(answers=change)


def refuses(change: Change) -> Callable[[], Vice]:
    """Changes each refusal."""
    return lambda: Vice(refuses=change)


def reads(read: Read) -> Callable[[], Vice]:
    """Takes requests for what they are not."""
    return lambda: Vice(reads=read)


def sets(**changed: Any) -> Change:
    """Changes the status, the signature, the type or the body."""

    def _change(reply: Reply, query: Any) -> Reply:
        for name, value in changed.items():
            setattr(reply, name, value)
        return reply

    return _change


def bare(*names: str) -> Change:
    """Leaves fields out."""

    def _change(reply: Reply, query: Any) -> Reply:
        return reply.says({k: v for k, v in reply.document.items() if k not in names})

    return _change


def holder(query: Any) -> dict[str, Any]:
    """Whom a query is about."""
    found: dict[str, Any] = query.get("holder") or query
    return found


async def finds(start: Start, wrong: Wrong) -> None:
    """The kit finds the vice, says what has to be mended, and complains of nothing else."""
    system = await start(wrong.department)
    async with crooked(system, wrong.vice()) as url:
        report = await look_at(system, url, wrong.operation)
    assert failed(report) == wrong.expected, explained(report)
    assert any(wrong.words in check.mend for check in report.failed)
    assert not report.passed
