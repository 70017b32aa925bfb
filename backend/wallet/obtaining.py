"""What somebody could have in their wallet but does not hold (添加证照)."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.exchange.service import Audience, LicenceTypeSpec, ProviderSystem
from backend.numbers.service import Holder, IdNumberRefused, parse_id_number
from backend.wallet.entries import LicenceStatus
from backend.wallet.view import WalletView


@dataclass(frozen=True, slots=True)
class Obtainable:
    """A type of licence that somebody does not hold.

    Attributes:
        unsure: its issuer does not answer; perhaps they do.
    """

    kind: LicenceTypeSpec
    system: ProviderSystem
    unsure: bool


def obtainable(
    view: WalletView, holder: Holder, audience: Audience, systems: Sequence[ProviderSystem]
) -> list[Obtainable]:
    """Types of licences that a holder could have but, by their wallet, does not hold."""
    held = {card.kind.code for card in view.cards if card.status is LicenceStatus.VALID}
    unsure = {s.system.code for s in view.sources if s.status == "unavailable"}
    return [
        Obtainable(kind, system, system.code in unsure)
        for system in systems
        for kind in system.manifest.licence_types
        if kind.audience == audience
        and kind.holder_code_type == holder.code_type
        and _is_for(kind, holder)
        and kind.code not in held
    ]


def _is_for(kind: LicenceTypeSpec, holder: Holder) -> bool:
    """Whether a type is for people like a holder; a number of no known kind leaves nobody out."""
    if not kind.holder_kinds:
        return True
    try:
        return parse_id_number(holder.code).kind in kind.holder_kinds
    except IdNumberRefused:
        return True
