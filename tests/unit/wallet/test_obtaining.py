"""What somebody could have: only what people like them get."""

from dataclasses import replace

import pytest

from backend.exchange.service import ProviderSystem
from backend.numbers.service import Holder
from backend.wallet.obtaining import obtainable
from backend.wallet.view import WalletView
from tests.wallet_world import START, SYSTEM

CITIZEN, HONG_KONG = "440106200002290032", "810000199408230021"


def system_for(*kinds: str) -> ProviderSystem:
    only = SYSTEM.manifest.licence_types[0].model_copy(update={"holder_kinds": list(kinds)})
    return replace(SYSTEM, manifest=SYSTEM.manifest.model_copy(update={"licence_types": [only]}))


@pytest.mark.parametrize(
    ("kinds", "number", "offered"),
    [
        ((), CITIZEN, True),
        (("citizen",), CITIZEN, True),
        (("hong_kong", "macao", "taiwan"), CITIZEN, False),
        (("hong_kong", "macao", "taiwan"), HONG_KONG, True),
        (("citizen",), HONG_KONG, False),
        (("citizen",), "not-a-number", True),
    ],
)
def test_a_type_is_offered_to_those_whom_it_is_for(
    kinds: tuple[str, ...], number: str, offered: bool
) -> None:
    view, holder = WalletView(START, [], []), Holder("111", number, "张三")
    found = obtainable(view, holder, "citizen", [system_for(*kinds)])
    assert bool(found) is offered
