"""A platform's keys, phones with keys of every kind, and what they show, without any server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from backend.presentation import sdjwt, statuslist
from backend.presentation.jose import KeySet, b64, compact, json_of
from backend.presentation.keys import Algorithm, IssuerKeys, jwk_of
from backend.presentation.statuslist import StatusList
from backend.presentation.verifying import Facts, verify
from backend.upstream.keys import SigningKey

NOW = 1_795_000_000
ISSUER = "https://sst.example"
LIST = f"{ISSUER}/api/v1/public/verification/status-lists/0-ed25519"
PLACE = 4711
AUDIENCE, NONCE = "示范酒店前台", "bm9uY2Utb2YtdGhlLWRheQ"
FACTS: Mapping[str, Any] = {
    "holder_name": "张建国", "licence_number": "440106199002030170", "birth_date": "1990-02-03",
    "address": "广东省广州市天河区示范路1号", "age_over_18": True,
}  # fmt: skip


class Phone:
    """A phone's key; ``kind`` is ES256, EdDSA or SM2."""

    kid = ""

    def __init__(self, kind: str = "ES256") -> None:
        self.alg = kind
        self._es256 = ec.generate_private_key(ec.SECP256R1()) if kind == "ES256" else None
        alg: Algorithm = "sm2" if kind == "SM2" else "ed25519"
        self._other = SigningKey.from_seed("", b64(kind.encode()).ljust(32)[:32].encode(), alg)

    @property
    def jwk(self) -> dict[str, str]:
        """The public half."""
        if self._es256 is None:
            return jwk_of(self._other)
        numbers = self._es256.public_key().public_numbers()
        x, y = (b64(number.to_bytes(32)) for number in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def sign(self, message: bytes) -> bytes:
        """A signature of 64 bytes."""
        if self._es256 is None:
            return self._other.sign(message)
        r, s = decode_dss_signature(self._es256.sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


def presented(credential: str, names: Sequence[str]) -> str:
    """A credential with only these facts: what a phone puts its key binding behind."""
    jwt, *disclosures, _ = credential.split("~")
    kept = [each for each in disclosures if json_of(each)[1] in names]
    return "~".join([jwt, *kept, ""])


def key_binding(shown: str, phone: Phone, *, audience: str, nonce: str, now: int) -> str:
    """A whole presentation: what is shown, bound to a verifier and a moment by its holder."""
    claims = {"iat": now, "aud": audience, "nonce": nonce, "sd_hash": sdjwt.digest(shown)}
    return shown + compact({}, claims, phone, sdjwt.KEY_BINDING)


@dataclass
class World:
    """One issuer, one phone, one credential."""

    alg: Algorithm = "ed25519"
    phone: Phone = field(default_factory=Phone)
    keys: IssuerKeys = field(default_factory=lambda: IssuerKeys(b"s" * 32, ISSUER))

    def credential(self, **changes: Any) -> str:
        """A credential as the platform issues it; a claim changed to None is left out."""
        claims: dict[str, Any] = {
            "iss": ISSUER, "vct": "urn:shengshitong:licence:11100000000013127D001",
            "type_name": "居民身份证", "issuing_authority": "广东省公安厅",
            "iat": NOW - 3600, "nbf": NOW - 3600, "exp": NOW + 86_400, "as_of": NOW - 3600,
            "cnf": {"jwk": self.phone.jwk},
            "status": {"status_list": {"idx": PLACE, "uri": LIST}},
            **changes,
        }  # fmt: skip
        kept = {name: value for name, value in claims.items() if value is not None}
        return sdjwt.issue(kept, FACTS, self.keys.signer(self.alg))

    def status_list(self, statuses: Mapping[int, int] | None = None, **changes: Any) -> str:
        """A status list as the platform publishes it."""
        options = {"now": NOW - 60, "life_s": 86_400, "ttl_s": 60, **changes}
        return statuslist.signed(LIST, statuses or {}, self.keys.signer("ed25519"), **options)

    def lists(self, statuses: Mapping[int, int] | None = None) -> dict[str, StatusList]:
        """The same, as a verifier keeps it."""
        return {LIST: statuslist.read(self.status_list(statuses), self.keys.key_set)}

    def present(
        self, *names: str, credential: str | None = None, audience: str = AUDIENCE,
        nonce: str = NONCE, now: int = NOW, phone: Phone | None = None,
    ) -> str:  # fmt: skip
        """A presentation of some facts."""
        shown = presented(credential or self.credential(), names)
        return key_binding(shown, phone or self.phone, audience=audience, nonce=nonce, now=now)

    def verify(self, presentation: str, **changes: Any) -> Facts:
        """What a verifier of today makes of it."""
        keys: KeySet = changes.pop("keys", self.keys.key_set)
        lists = changes.pop("lists", None)
        options = {"audience": AUDIENCE, "nonce": NONCE, "now": NOW, **changes}
        return verify(presentation, keys, self.lists() if lists is None else lists, **options)
