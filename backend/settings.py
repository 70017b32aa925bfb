"""Settings come from the environment alone; secrets never from a file in the repository."""

import base64
import binascii
import ipaddress
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
# RFC 1918, RFC 6598, RFC 4193: where a government's own network can lie.
_PRIVATE_TEXT = "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, fc00::/7"
CIPHERS = ("aes-gcm", "sm4-gcm")
PRIVATE_NETWORKS = [ipaddress.ip_network(text) for text in _PRIVATE_TEXT.split(", ")]


class SettingsError(Exception):
    """A setting is missing or cannot be read; the message names it and says how to set it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a process of the platform needs to know about where it runs.

    Attributes:
        keyring: key id → 32-byte key; the first is used to seal, all to open.
        cipher: with which the key ring seals; what is stored already stays under the one before,
            so that it is chosen before the first start.
        index_key: 32-byte key of the HMAC-SM3 blind index.
        signing_key: 32-byte Ed25519 seed with which the gateway signs its calls.
        public_url: how verifiers reach the platform, ``https://host``; credentials name it.
        presentation_generation: number of the keys that sign credentials; the next one makes new
            keys, and the ones before stay published.
        presentation_retired: JWKs of further keys that are still published.
        sandbox: True where the sandbox province stands in for the departments: SMS codes are
            shown, and loopback addresses may be called.
        wechat_templates: file of the mini-program's subscribe templates; None takes the sandbox's.
        sms_url: hook that sends SMS (``backend/upstream/sms.py``); empty sends none.
        evaluation_sla_days: working days in which a bad evaluation is answered; set locally.
        enterprise_per_minute: how many requests a person may make for one enterprise in a minute.
        private_networks: networks of the government on which departments may be called, none of
            them public; without them every private address is refused.
        demo_password: of the console's demo accounts; without effect outside the sandbox.
        clamd: host and port of a virus scanner that looks at every upload; None looks at none.
        s3: URL of a bucket, region, access key and secret key of an S3-compatible store for the
            sealed materials of applications; None keeps them below ``data_dir``.
        assistant_model_url: OpenAI-compatible address (``https://host/v1``) of a model that words
            the assistant's answers, with its key and the model's name; empty quotes them.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    data_dir: Path = Path(".data")
    database_url: str = "sqlite://.data/shengshitong.db"
    redis_url: str = "redis://127.0.0.1:6379/0"
    manifests: Path = Path(".data/manifests")
    h5_dir: Path = Path("miniprogram/dist/build/h5")
    docs_dir: Path = Path("miniprogram/dist/docs")
    verifier_page: Path = Path("miniprogram/dist/verifier/index.html")
    fonts_dir: Path = Path("miniprogram/dist/fonts")
    home_region: str = "440000"
    sandbox: bool = False
    keyring: Mapping[str, bytes] = field(repr=False)
    cipher: str = "aes-gcm"
    index_key: bytes = field(repr=False)
    signing_key: bytes = field(repr=False)
    signing_key_id: str = "gateway-1"
    wechat_app_id: str = ""
    wechat_secret: str = field(default="", repr=False)
    wechat_base_url: str = "https://api.weixin.qq.com"
    wechat_templates: Path | None = None
    sms_url: str = ""
    sms_token: str = field(default="", repr=False)
    trusted_proxies: int = 0
    public_url: str = ""
    presentation_generation: int = 1
    presentation_retired: tuple[Mapping[str, Any], ...] = ()
    evaluation_sla_days: int = 5
    enterprise_per_minute: int = 300
    private_networks: tuple[IPNetwork, ...] = ()
    demo_password: str = field(default="", repr=False)
    clamd: tuple[str, int] | None = None
    s3: tuple[str, str, str, str] | None = field(default=None, repr=False)
    assistant_model_url: str = ""
    assistant_model_key: str = field(default="", repr=False)
    assistant_model_name: str = ""

    @property
    def origin(self) -> str:
        """The platform's address, without a final slash."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings.

        Raises:
            SettingsError: a secret is missing or a value cannot be read.
        """
        env = os.environ if environ is None else environ
        data_dir = Path(env.get("SST_DATA_DIR", ".data"))
        return cls(
            host=env.get("SST_HOST", "127.0.0.1"),
            port=_integer(env, "SST_PORT", 8000, range(1, 65536)),
            workers=_integer(env, "SST_WORKERS", 1, range(1, 257)),
            data_dir=data_dir,
            database_url=env.get("DATABASE_URL", f"sqlite://{data_dir}/shengshitong.db"),
            redis_url=env.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
            manifests=Path(env.get("SST_MANIFESTS", str(data_dir / "manifests"))),
            h5_dir=Path(env.get("SST_H5_DIR", "miniprogram/dist/build/h5")),
            docs_dir=Path(env.get("SST_DOCS_DIR", "miniprogram/dist/docs")),
            verifier_page=Path(
                env.get("SST_VERIFIER_PAGE", "miniprogram/dist/verifier/index.html")
            ),
            fonts_dir=Path(env.get("SST_FONTS_DIR", "miniprogram/dist/fonts")),
            home_region=env.get("SST_HOME_REGION", "440000"),
            sandbox=env.get("SST_SANDBOX", "") == "1",
            keyring=_keyring(env),
            cipher=_one_of(env, "SST_CIPHER", CIPHERS),
            index_key=_secret(env, "SST_INDEX_KEY"),
            signing_key=_secret(env, "SST_SIGNING_KEY"),
            signing_key_id=env.get("SST_SIGNING_KEY_ID", "gateway-1"),
            wechat_app_id=env.get("WECHAT_APP_ID", ""),
            wechat_secret=env.get("WECHAT_SECRET", ""),
            wechat_base_url=env.get("WECHAT_BASE_URL", "https://api.weixin.qq.com"),
            wechat_templates=_path(env, "SST_WECHAT_TEMPLATES"),
            sms_url=env.get("SST_SMS_URL", ""),
            sms_token=env.get("SST_SMS_TOKEN", ""),
            trusted_proxies=_integer(env, "SST_TRUSTED_PROXIES", 0),
            public_url=env.get("SST_PUBLIC_URL", ""),
            presentation_generation=_integer(env, "SST_PRESENTATION_GENERATION", 1),
            presentation_retired=_jwks(env, "SST_PRESENTATION_RETIRED"),
            evaluation_sla_days=_integer(env, "SST_EVALUATION_SLA_DAYS", 5),
            enterprise_per_minute=_integer(env, "SST_ENTERPRISE_PER_MINUTE", 300),
            private_networks=_networks(env, "SST_PRIVATE_NETWORKS"),
            demo_password=env.get("SST_DEMO_PASSWORD", ""),
            clamd=_address(env, "SST_CLAMD"),
            s3=_bucket(env),
            assistant_model_url=_model_url(env),
            assistant_model_key=env.get("SST_ASSISTANT_MODEL_KEY", ""),
            assistant_model_name=env.get("SST_ASSISTANT_MODEL_NAME", ""),
        )


def _path(env: Mapping[str, str], name: str) -> Path | None:
    return Path(env[name]) if env.get(name) else None


def _integer(
    env: Mapping[str, str], name: str, default: int, allowed: range = range(1_000_000)
) -> int:
    raw = env.get(name, "")
    if not raw:
        return default
    if not raw.isascii() or not raw.isdigit() or int(raw) not in allowed:
        least, most = allowed[0], allowed[-1]
        raise SettingsError(f"{name} must be a whole number, {least} to {most}, not {raw!r}")
    return int(raw)


def _one_of(env: Mapping[str, str], name: str, known: Sequence[str]) -> str:
    """One of some words; the first where nothing is said."""
    word = env.get(name) or known[0]
    if word not in known:
        raise SettingsError(f"{name} must be one of {', '.join(known)}, not {word!r}")
    return word


def _address(env: Mapping[str, str], name: str) -> tuple[str, int] | None:
    """``host:port``, or nothing."""
    host, _, port = env.get(name, "").rpartition(":")
    if not env.get(name):
        return None
    if not host or not port.isdigit():
        raise SettingsError(f"{name} must be host:port, not {env[name]!r}")
    return host, int(port)


def _bucket(env: Mapping[str, str]) -> tuple[str, str, str, str] | None:
    """A bucket by its path-style URL, with the keys of whoever writes it."""
    url = env.get("SST_S3_URL", "")
    if not url:
        return None
    if not re.fullmatch(r"https?://[^/]+/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/?", url):
        raise SettingsError(f"SST_S3_URL must be https://host/bucket, not {url!r}")
    keys = [env.get(name, "") for name in ("SST_S3_ACCESS_KEY", "SST_S3_SECRET_KEY")]
    if not all(keys):
        raise SettingsError("SST_S3_URL needs SST_S3_ACCESS_KEY and SST_S3_SECRET_KEY")
    return url, env.get("SST_S3_REGION") or "us-east-1", keys[0], keys[1]


def _model_url(env: Mapping[str, str]) -> str:
    """The address of a model, whose name has to be given with it."""
    url = env.get("SST_ASSISTANT_MODEL_URL", "")
    if url and not re.fullmatch(r"https?://[^/\s]+(/[^\s?#]*)?", url):
        raise SettingsError(f"SST_ASSISTANT_MODEL_URL must be https://host/v1, not {url!r}")
    if url and not env.get("SST_ASSISTANT_MODEL_NAME"):
        raise SettingsError("SST_ASSISTANT_MODEL_URL needs SST_ASSISTANT_MODEL_NAME")
    return url


def _networks(env: Mapping[str, str], name: str) -> tuple[IPNetwork, ...]:
    """Networks separated by commas, each within a private range."""
    found = []
    for text in filter(None, (part.strip() for part in env.get(name, "").split(","))):
        try:
            network = ipaddress.ip_network(text)
        except ValueError as error:
            raise SettingsError(f"{name}: {error}") from None
        if not any(_within(network, private) for private in PRIVATE_NETWORKS):
            raise SettingsError(f"{name}: {text} lies in no private range ({_PRIVATE_TEXT})")
        found.append(network)
    return tuple(found)


def _within(network: IPNetwork, other: IPNetwork) -> bool:
    return (
        network.version == other.version
        and network.network_address in other
        and network.prefixlen >= other.prefixlen
    )


def _jwks(env: Mapping[str, str], name: str) -> tuple[Mapping[str, Any], ...]:
    """A JSON list of public keys (RFC 7517), as ``…/verification/keys`` publishes them."""
    try:
        found = json.loads(env.get(name, "") or "[]")
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise SettingsError(f"{name} must be a JSON list of JWKs")
    return tuple(found)


def _secret(env: Mapping[str, str], name: str) -> bytes:
    raw = env.get(name, "")
    if not raw:
        raise SettingsError(
            f"{name} is not set: give 32 random bytes in base64 (openssl rand -base64 32)"
        )
    return _key(name, raw)


def _key(name: str, raw: str) -> bytes:
    try:
        key = base64.b64decode(raw, validate=True)
    except binascii.Error:
        raise SettingsError(f"{name} must be base64") from None
    if len(key) != 32:
        raise SettingsError(f"{name} must be 32 bytes, not {len(key)}")
    return key


def _keyring(env: Mapping[str, str]) -> dict[str, bytes]:
    """``SST_KEYRING`` is ``id:base64[,id:base64…]``, newest first."""
    ring: dict[str, bytes] = {}
    for part in filter(None, env.get("SST_KEYRING", "").split(",")):
        key_id, _, raw = part.partition(":")
        if not re.fullmatch(r"[!-9;-~]{1,255}", key_id) or key_id in ring:
            raise SettingsError("SST_KEYRING is id:base64[,id:base64…], each id once")
        ring[key_id] = _key("SST_KEYRING", raw)
    if not ring:
        raise SettingsError("SST_KEYRING is not set: give id:base64 of 32 random bytes")
    return ring
