"""The root of every error that a person or a partner system may be told about.

The tree is: DomainError → one base per package (``WalletError``, ``IdentityError``…) → small
errors that carry data. The gateway turns each into an RFC 9457 problem; nothing here knows HTTP.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

Kind = Literal[
    "invalid",
    "unauthenticated",
    "forbidden",
    "not_found",
    "conflict",
    "gone",
    "too_large",
    "unsupported",
    "unprocessable",
    "too_many",
    "unavailable",
]


class StoresUnusable(Exception):
    """Nothing can start: the message says in a line which store cannot be used, and why."""


class DomainError(Exception):
    """Something that the caller did or that happened to them, and what they can do about it.

    Attributes:
        code: stable dotted name, part of the interface (``identity.level_too_low``).
        title: the same in English, for developers.
        detail: a Chinese sentence that tells the person what to do.
        kind: what sort of refusal it is; the gateway maps it to a status.
        retry_after: seconds after which it is worth trying again, where that is known.
    """

    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"
    detail: str = "系统出了点问题，请稍后再试；需要帮助请拨打 12345。"
    kind: ClassVar[Kind] = "unavailable"
    retry_after: int | None = None

    def __init__(self, detail: str | None = None) -> None:
        if detail is not None:
            self.detail = detail
        super().__init__(self.code)

    def context(self) -> dict[str, Any]:
        """What a client needs to go on, merged into the problem (``retry_after``…)."""
        return {} if self.retry_after is None else {"retry_after": self.retry_after}


class WaitFor(DomainError):
    """Mixed into refusals that end by themselves after ``retry_after`` seconds."""

    kind = "too_many"
    retry_after: int

    def __init__(self, retry_after: int, detail: str | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class PlacesWrong(DomainError):
    """Mixed into refusals of documents.

    Attributes:
        errors: each place as ``pointer`` (RFC 6901) and ``message``, a Chinese sentence.
    """

    def __init__(self, errors: Sequence[dict[str, str]], detail: str | None = None) -> None:
        super().__init__(detail)
        self.errors = list(errors)

    def context(self) -> dict[str, Any]:
        """The places to mend."""
        return {"errors": self.errors}
