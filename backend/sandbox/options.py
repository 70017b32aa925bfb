"""How a sandbox province is run, from arguments or the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from backend.upstream.signing import PublicKey, public_key

DEFAULT_BASE_PORT = 18100
DEFAULT_PEOPLE, DEFAULT_ENTERPRISES, DEFAULT_SEED = 2000, 300, 1
_ED25519_TEXT = 44
WECHAT_APP_ID, WECHAT_SECRET = "wx5a5d0c0a7e000000", "sandbox-only-secret"


class ProvinceError(Exception):
    """The province cannot be started or reached; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Where and how the province runs.

    Attributes:
        data_dir: the platform's data directory; the province lives in ``sandbox/`` below it.
        manifests: where resolved manifests go.
        host: address to listen on; public_host: name under which others reach it.
        base_port: WeChat listens here, the departments on the ports above; 0 takes free ports.
        gateway_url: where change notices go; None keeps them waiting.
        gateway_keys: public keys of the platform by id; without any, no call is let in.
        demo_latency: True lets every department take its usual time.
    """

    data_dir: Path = Path(".data")
    manifests: Path = Path(".data/manifests")
    host: str = "127.0.0.1"
    public_host: str = "127.0.0.1"
    base_port: int = DEFAULT_BASE_PORT
    gateway_url: str | None = None
    gateway_keys: Mapping[str, PublicKey] = field(default_factory=dict)
    demo_latency: bool = True
    wechat_app_id: str = WECHAT_APP_ID
    wechat_secret: str = field(default=WECHAT_SECRET, repr=False)
    people: int = DEFAULT_PEOPLE
    enterprises: int = DEFAULT_ENTERPRISES
    seed: int = DEFAULT_SEED

    @property
    def home(self) -> Path:
        """The province's own folder."""
        return self.data_dir / "sandbox"

    @property
    def keys(self) -> Path:
        """The folder of the departments' signing keys."""
        return self.home / "keys"

    @property
    def subjects(self) -> Path:
        """Whom each department names for the conformance kit."""
        return self.home / "subjects.json"

    def database(self, department: str) -> Path:
        """The file of one department."""
        return self.home / f"{department}.db"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> "Options":
        """Read the options that the environment gives.

        Raises:
            ProvinceError: a value cannot be read.
        """
        env = os.environ if environ is None else environ
        data_dir = Path(env.get("SST_DATA_DIR", ".data"))
        host = env.get("SST_SANDBOX_HOST", "127.0.0.1")
        # Who listens on every address is reached on this machine unless the name is given.
        reached = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104
        return cls(
            data_dir=data_dir,
            manifests=Path(env.get("SST_MANIFESTS", str(data_dir / "manifests"))),
            host=host,
            public_host=env.get("SST_SANDBOX_PUBLIC_HOST") or reached,
            base_port=_integer(env, "SST_SANDBOX_PORT", DEFAULT_BASE_PORT),
            gateway_url=env.get("SST_GATEWAY_URL") or None,
            gateway_keys=read_keys(env.get("SST_GATEWAY_PUBLIC_KEYS", "")),
            demo_latency=env.get("SST_SANDBOX_LATENCY", "demo") != "off",
            wechat_app_id=env.get("WECHAT_APP_ID") or WECHAT_APP_ID,
            wechat_secret=env.get("WECHAT_SECRET") or WECHAT_SECRET,
            people=_integer(env, "SST_SANDBOX_PEOPLE", DEFAULT_PEOPLE),
            enterprises=_integer(env, "SST_SANDBOX_ENTERPRISES", DEFAULT_ENTERPRISES),
            seed=_integer(env, "SST_SANDBOX_SEED", DEFAULT_SEED),
        )


def read_keys(text: str) -> dict[str, PublicKey]:
    """Read ``id:base64[,id:base64…]``; the length of a key tells Ed25519 from SM2.

    Raises:
        ProvinceError: not of that form.
    """
    keys = {}
    for part in filter(None, text.split(",")):
        key_id, _, raw = part.partition(":")
        try:
            keys[key_id] = public_key("sm2" if len(raw) > _ED25519_TEXT else "ed25519", raw)
        except ValueError:
            raise ProvinceError(
                "SST_GATEWAY_PUBLIC_KEYS must be id:base64[,id:base64...] of Ed25519 or SM2 keys"
            ) from None
    return keys


def _integer(env: Mapping[str, str], name: str, default: int) -> int:
    raw = env.get(name, "")
    try:
        return int(raw) if raw else default
    except ValueError:
        raise ProvinceError(f"{name} must be a whole number, not {raw!r}") from None
