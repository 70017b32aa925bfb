"""Putting together what issuers say: an older word never overwrites a newer one, however late.

``merged`` keeps, per issuer, the part of the highest ``Part.order``. That makes it commutative,
associative and idempotent: workers may write answers and notices in any order, any number of
times, and end with the same wallet.
"""

from collections.abc import Mapping

from backend.exchange.service import ProviderSystem
from backend.wallet.entries import Contents, Part, kept_until, shown


def merged(contents: Contents, holder_tag: str, parts: Mapping[str, Part]) -> Contents:
    """A wallet with new words of issuers (by system code) taken in.

    Args:
        holder_tag: whose the new parts are; parts of another holder are left behind.
    """
    known = dict(contents.parts) if contents.holder_tag == holder_tag else {}
    for code, part in parts.items():
        if code not in known or known[code].order < part.order:
            known[code] = part
    return Contents(holder_tag, known)


def pruned(contents: Contents, systems: Mapping[str, ProviderSystem], now: int) -> Contents:
    """A wallet without what may not be shown any more.

    Of a part that has run out its revision stays, as a tombstone: an answer that is older still
    cannot bring its licences back.
    """
    return Contents(
        contents.holder_tag,
        {
            code: _prune(part, systems[code], now)
            for code, part in contents.parts.items()
            if code in systems
        },
    )


def _prune(part: Part, system: ProviderSystem, now: int) -> Part:
    left = tuple(licence for licence, _ in shown(part, system, now))
    return part if left == part.licences else part._replace(licences=left)


def last_use(contents: Contents, systems: Mapping[str, ProviderSystem]) -> int:
    """Unix time after which nothing in a wallet may be shown any more."""
    return max(
        (kept_until(part, systems[code]) for code, part in contents.parts.items()), default=0
    )
