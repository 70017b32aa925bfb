"""What a notice brings that the holder is told: a licence issued, renewed, withdrawn or given back.

A notice says all that a holder has at its sender; what is new in it is the difference to what the
wallet knew. Where the wallet knew nothing (or only what was long ago), a licence is news when it
was issued in the last days, and nothing else is: an old suspension is not told as if it were new.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from backend.exchange.service import LicenceTypeSpec, ProviderSystem
from backend.wallet.entries import (
    Age,
    Licence,
    LicenceStatus,
    Part,
    age_of,
    china_day,
    registered,
)

RECENT_DAYS = 7
_LINK = "/licence/detail?id="
_FIRST_VERSION = "001"

# What a holder is told of a status; {name} is the licence's, {issuer} its issuer's.
_WORDS: Mapping[LicenceStatus, tuple[str, str]] = {
    LicenceStatus.VALID: ("已恢复有效", "现在可以照常出示和使用。"),
    LicenceStatus.SUSPENDED: ("已被暂扣", "暂扣期间不能出示，已出示的码、复印件和授权一并停用。"),
    LicenceStatus.LOST: ("已挂失", "挂失期间不能出示，已出示的码、复印件和授权一并停用。"),
    LicenceStatus.EXPIRED: ("已过期", "不能再出示；如需继续使用，请办理换证。"),
    LicenceStatus.REVOKED: ("已被撤销", "不能再出示，已出示的码、复印件和授权一并失效。"),
    LicenceStatus.CANCELLED: ("已注销", "不能再出示，已出示的码、复印件和授权一并失效。"),
    LicenceStatus.FORFEITED: ("已被吊销", "不能再出示，已出示的码、复印件和授权一并失效。"),
    LicenceStatus.SUPERSEDED: ("已换发新证", "旧证不能再出示，请使用新证。"),
    LicenceStatus.TRANSFERRED: ("已转出", "不能再出示，请到转入地的发证机关查询。"),
}


@dataclass(frozen=True, slots=True)
class News:
    """One thing that a holder is told.

    Attributes:
        kind: of the message; key: names it, so that it is told once.
        link: where the mini-program goes on; empty when there is nothing to look at.
    """

    kind: str
    title: str
    text: str
    link: str
    key: str


def news_of(before: Part | None, after: Part, system: ProviderSystem, now: int) -> list[News]:
    """What a newer word of an issuer brings.

    Args:
        before: what the wallet knew of this issuer; None: nothing.
        now: Unix time.
    """
    if before is not None and before.order >= after.order:
        return []
    known = {each.id: each for each in before.licences} if before is not None else {}
    surely = before is not None and age_of(before, system, now) is not Age.OLD
    news = []
    for licence, kind in registered(after.licences, system):
        old = known.pop(licence.id, None)
        if old is None:
            news += [_issued(licence, kind)] if surely or _is_recent(licence, now) else []
        else:
            news += _changed(old, licence, kind, after.revision)
    return news + [_gone(old, kind, after.revision) for old, kind in _in_use(known, system)]


def _in_use(
    left: Mapping[str, Licence], system: ProviderSystem
) -> Iterator[tuple[Licence, LicenceTypeSpec]]:
    for licence, kind in registered(left.values(), system):
        if licence.status is LicenceStatus.VALID:
            yield licence, kind


def _is_recent(licence: Licence, now: int) -> bool:
    day = date.fromisoformat(licence.issue_date)
    return licence.status is LicenceStatus.VALID and day >= china_day(now) - timedelta(RECENT_DAYS)


def _issued(licence: Licence, kind: LicenceTypeSpec) -> News:
    if licence.version != _FIRST_VERSION:
        return _renewed(licence, kind)
    if licence.status is not LicenceStatus.VALID:
        return _status(licence, kind, "first")
    text = (
        f"{licence.issuer_name}为您签发的{kind.name}已放入证照包，与纸质证照同等有效，可直接出示。"
    )
    return _news(licence, "issued", f"您的{kind.name}已签发", text, "issued")


def _renewed(licence: Licence, kind: LicenceTypeSpec) -> News:
    text = f"{licence.issuer_name}已为您换发{kind.name}。证照包里已是新证，旧证从现在起失效。"
    return _news(licence, "renewed", f"您的{kind.name}已换发", text, "issued")


def _changed(old: Licence, new: Licence, kind: LicenceTypeSpec, revision: int) -> list[News]:
    if new.version > old.version and new.status is LicenceStatus.VALID:
        return [_renewed(new, kind)]
    if new.status is not old.status:
        return [_status(new, kind, str(revision))]
    return []


def _status(licence: Licence, kind: LicenceTypeSpec, when: str) -> News:
    what, then = _WORDS[licence.status]
    text = f"您的{kind.name}{what}（{licence.issuer_name}）。{then}如有疑问，请拨打 12345。"
    key = f"{licence.status.value}:{when}"
    return _news(licence, licence.status.value.lower(), f"您的{kind.name}{what}", text, key)


def _gone(licence: Licence, kind: LicenceTypeSpec, revision: int) -> News:
    text = (
        f"{licence.issuer_name}已不再登记您的{kind.name}，它已从证照包移出，不能再出示。"
        "如有疑问，请拨打 12345。"
    )
    news = _news(licence, "gone", f"您的{kind.name}已移出证照包", text, f"gone:{revision}")
    return News(news.kind, news.title, news.text, "", news.key)


def _news(licence: Licence, kind: str, title: str, text: str, key: str) -> News:
    name = f"licence:{licence.id}:{licence.version}:{key}"
    return News(f"licence.{kind}", title, text, _LINK + licence.id, name)
