"""The register of enterprises and codes of electronic licences."""

from typing import Any

import pytest

from backend.numbers.uscc import make_uscc
from tests.integration.conformance.conftest import Start
from tests.integration.conformance.vices.wrong import Wrong, answers, finds
from tests.sandbox_world import HUSBAND

GET = "enterprises.get"
REPRESENTED = "enterprises.represented"
CODE = "enterprises.licence_code"
OTHER_USCC = make_uscc("9", "1", "440106", "MA5TXTX9")


def _other_enterprise(document: dict[str, Any], query: Any) -> None:
    if document["enterprise"]:
        document["enterprise"]["uscc"] = OTHER_USCC


def _someone_else(document: dict[str, Any], query: Any) -> None:
    for one in document["enterprises"]:
        one["legal_representative"]["id_number"] = "440106195001011019"


def _other_licence(document: dict[str, Any], query: Any) -> None:
    if document["licence"] is not None:
        document["licence"]["uscc"] = OTHER_USCC


def _any_request(document: dict[str, Any], query: Any) -> None:
    if document["state"] == "used":
        document["licence"] = {
            "uscc": OTHER_USCC, "name": "示范公司", "role": "agent", "items": [],
            "holder": {"name": HUSBAND.name, "id_number": HUSBAND.id_number}, "valid_until": None,
        }  # fmt: skip


def _wrong_check(document: dict[str, Any], query: Any) -> None:
    for one in document["enterprises"]:
        one["uscc"] = one["uscc"][:17] + ("0" if one["uscc"][17] != "0" else "1")


VICES = [
    Wrong("finds no enterprise", {"enterprise.given"}, answers(
        lambda document, query: document.update(enterprise=None)), "shijian", GET),
    Wrong("finds another", {"enterprise.fits"}, answers(_other_enterprise),
          "shijian", GET),
    Wrong("finds another's", {"enterprise.fits"}, answers(_someone_else), "shijian", REPRESENTED),
    Wrong("invents codes", {"enterprise.given", "enterprise.uscc"}, answers(_wrong_check),
          "shijian", REPRESENTED),
    Wrong("shows another's licence", {"licence_code.fits"}, answers(_other_licence),
          "shijian", CODE),
    Wrong("takes a code twice", {"licence_code.once"}, answers(_any_request), "shijian", CODE),
]  # fmt: skip


@pytest.mark.parametrize("wrong", VICES, ids=lambda wrong: wrong.name)
async def test_a_vice_is_named(start: Start, wrong: Wrong) -> None:
    await finds(start, wrong)
