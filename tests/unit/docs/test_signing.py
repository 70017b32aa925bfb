"""The few lines by which a department signs, as ``docs/exchange.md`` prints them, open the door."""

import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.upstream.signing import SignatureRefused, SigningKey, verify_request

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "exchange.md"
SEED = b"d" * 32


@pytest.fixture
def headers() -> dict[str, str]:
    (code,) = re.findall(r"^```python\n(.*?)^```", DOCUMENT.read_text("utf-8"), re.S | re.M)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 (our own document)
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    made: dict[str, str] = names["signed"](key, "gd-x-1", "POST", "/api/v1/x", "a=1", b"{}")
    return made


def test_what_the_document_signs_is_taken(headers: dict[str, str]) -> None:
    lookup = {"gd-x-1": SigningKey.from_seed("gd-x-1", SEED).public}.get
    verified = verify_request(lookup, "POST", "/api/v1/x", "a=1", headers, b"{}")
    assert verified.key_id == "gd-x-1"
    with pytest.raises(SignatureRefused, match="digest"):
        verify_request(lookup, "POST", "/api/v1/x", "a=1", headers, b"{} ")
