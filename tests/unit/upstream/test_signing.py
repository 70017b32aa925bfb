"""Message signatures: accepted by an independent library, and each way to be wrong refused."""

import base64
import datetime
import time
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)

from backend.upstream import signing
from backend.upstream.signing import (
    PublicKey,
    SignatureRefused,
    SigningKey,
    Wish,
    asked_for_signature,
    content_digest,
    public_key,
    sign_answer,
    sign_request,
    verify_answer,
    verify_request,
)

SEED = b"k" * 32
KEY = SigningKey.from_seed("gd-test-1", SEED)
# The same key in another library: OpenSSL's Ed25519 against ours.
INDEPENDENT = Ed25519PrivateKey.from_private_bytes(SEED)
BODY = '{"name":"张建国"}'.encode()


def known(key_id: str) -> PublicKey | None:
    return KEY.public if key_id == KEY.key_id else None


class Resolver(HTTPSignatureKeyResolver):
    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        return INDEPENDENT.public_key()

    def resolve_private_key(self, key_id: str) -> Any:
        return INDEPENDENT


def refusal(headers: Mapping[str, str], body: bytes = BODY, path: str = "/v1/x") -> str:
    with pytest.raises(SignatureRefused) as caught:
        verify_request(known, "POST", path, "a=1", headers, body)
    return caught.value.reason


def signed() -> dict[str, str]:
    return sign_request(KEY, "POST", "/v1/x", "a=1", BODY)


def test_a_signed_request_is_accepted() -> None:
    verified = verify_request(known, "POST", "/v1/x", "a=1", signed(), BODY)
    assert verified.key_id == KEY.key_id
    assert len(verified.nonce) == 32


def test_an_independent_implementation_of_rfc_9421_accepts_our_requests() -> None:
    request = httpx.Request("POST", "https://example.gov.cn/v1/x?a=1", content=BODY)
    request.headers.update(signed())
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=Resolver())
    results = verifier.verify(request)
    assert results[0].covered_components['"content-digest"'] == content_digest(BODY)


def test_we_accept_requests_that_an_independent_implementation_signed() -> None:
    request = httpx.Request("POST", "https://example.gov.cn/v1/x?a=1", content=BODY)
    request.headers["content-digest"] = content_digest(BODY)
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=Resolver())
    now = datetime.datetime.now(datetime.UTC)
    signer.sign(
        request,
        key_id=KEY.key_id,
        created=now,
        expires=now + datetime.timedelta(seconds=200),
        nonce="abcdefghijklmnopqrst",
        label=signing.LABEL,
        include_alg=True,
        use_existing_digest=True,
        covered_component_ids=("@method", "@path", "@query", "content-digest"),
    )
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert verify_request(known, "POST", "/v1/x", "a=1", headers, BODY).key_id == KEY.key_id


def test_without_a_signature_it_is_missing() -> None:
    assert refusal({}) == "missing"
    assert refusal({**signed(), "signature": ""}) == "missing"


@pytest.mark.parametrize(
    "change",
    [
        {"signature-input": "sst=()"},
        {"signature": "sst=:not base64:"},
        {"signature": "other=:AAAA:"},
        {"signature": "sst=:AAA:"},
    ],
)
def test_a_header_that_is_not_of_the_form_is_malformed(change: dict[str, str]) -> None:
    assert refusal({**signed(), **change}) == "malformed"


def test_covering_less_than_asked_is_malformed() -> None:
    headers = signed()
    headers["signature-input"] = headers["signature-input"].replace(' "@query"', "")
    assert refusal(headers) == "malformed"


def test_another_algorithm_is_malformed() -> None:
    headers = signed()
    headers["signature-input"] = headers["signature-input"].replace('"ed25519"', '"hmac-sha256"')
    assert refusal(headers) == "malformed"


def test_another_body_is_a_wrong_digest() -> None:
    assert refusal(signed(), BODY + b" ") == "digest"


def test_another_path_is_a_wrong_signature() -> None:
    assert refusal(signed(), path="/v1/y") == "wrong"


def test_an_unknown_key_is_refused() -> None:
    headers = sign_request(SigningKey.from_seed("x", b"z" * 32), "POST", "/v1/x", "a=1", BODY)
    assert refusal(headers) == "unknown_key"


def test_another_key_under_the_same_id_is_wrong() -> None:
    stranger = SigningKey.from_seed(KEY.key_id, b"z" * 32)
    assert refusal(sign_request(stranger, "POST", "/v1/x", "a=1", BODY)) == "wrong"


@pytest.mark.parametrize("shift", [-301, 301, 3600])
def test_a_request_from_another_time_has_expired(
    shift: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = time.time() + shift
    with monkeypatch.context() as patch:
        patch.setattr("backend.upstream.signing.time.time", lambda: moment)
        headers = signed()
    assert refusal(headers) == "expired"


def test_a_life_longer_than_five_minutes_has_expired() -> None:
    headers = signed()
    old = headers["signature-input"]
    expires = int(old.split("expires=")[1].split(";")[0])
    headers["signature-input"] = old.replace(f"expires={expires}", f"expires={expires + 60}")
    assert refusal(headers) == "expired"


def test_an_answer_belongs_to_its_request() -> None:
    request = signed()
    headers = sign_answer(KEY, 200, b"{}", request)
    assert verify_answer(known, 200, headers, b"{}", request).key_id == KEY.key_id
    with pytest.raises(SignatureRefused, match="wrong"):
        verify_answer(known, 200, headers, b"{}", signed())
    with pytest.raises(SignatureRefused, match="wrong"):
        verify_answer(known, 500, headers, b"{}", request)
    with pytest.raises(SignatureRefused, match="digest"):
        verify_answer(known, 200, headers, b"[]", request)


ASK = 'sst=("@status" "content-digest" "signature";req;key="sst")'


@pytest.mark.parametrize(
    ("asked", "wish"),
    [
        (ASK, Wish()),
        (f"{ASK};created;expires", Wish()),
        (f'{ASK};alg="sm2-sm3";nonce="n-1"', Wish("sm2", "", "n-1")),
        (f'{ASK};keyid="gateway-1";tag="x"', Wish(None, "gateway-1")),
        (f'{ASK};alg="rsa-pss-sha512"', None),
        ('sst=("@status")', None),
        ('sig1=("@status" "content-digest")', None),
        (f"{ASK}, {ASK}", None),
        ("", None),
        (None, None),
    ],
)
def test_what_accept_signature_may_ask_for(asked: str | None, wish: Wish | None) -> None:
    assert asked_for_signature(asked) == wish


def test_another_algorithm_than_that_of_the_key_is_wrong() -> None:
    headers = signed()
    headers["signature-input"] = headers["signature-input"].replace('"ed25519"', '"sm2-sm3"')
    assert refusal(headers) == "wrong"


@pytest.mark.parametrize("odd", ["\udcff", "张", "٣"])
def test_letters_that_no_header_has_are_refused_as_any_other(odd: str) -> None:
    good = signed()
    for name in good:
        assert refusal({**good, name: odd}) in {"malformed", "digest"}
        assert refusal({**good, name: good[name] + odd}) in {"malformed", "digest"}
    assert refusal(good, path="/v1/" + odd) == "wrong"


def test_public_keys_travel_as_base64_of_32_bytes() -> None:
    text = base64.b64encode(INDEPENDENT.public_key().public_bytes_raw()).decode()
    assert public_key("ed25519", KEY.public_base64).text == text
    with pytest.raises(ValueError, match="32"):
        public_key("ed25519", base64.b64encode(b"short").decode())
    with pytest.raises(ValueError, match="base64"):
        public_key("ed25519", "张")
