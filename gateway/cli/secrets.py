"""Demo secrets of one machine, made at the first start, in a file that only its owner reads."""

import base64
import os
import secrets
import time
from pathlib import Path

FILE = "secrets.env"
HEADER = (
    "# Made at the first start. Whoever loses this file cannot read the stored data any more.\n"
)
# Came later and seal nothing: a file of an older start gets them, instead of counting as lost.
ADDED_LATER = frozenset({"SST_DEMO_PASSWORD"})


class SecretsLost(Exception):
    """There is data, but not the keys that it was sealed with."""


def demo_secrets(data_dir: Path, sealed: Path) -> dict[str, str]:
    """The secrets for a machine's own environment, made when there are none yet.

    Args:
        data_dir: where the file lives.
        sealed: a file that exists once data have been sealed with these secrets.

    Raises:
        SecretsLost: the file is gone or incomplete while the data are still there.
        OSError: the file can be neither read nor written.
    """
    path = data_dir / FILE
    if path.exists():
        held = parse(path.read_text(encoding="utf-8"))
        missing = _new().keys() - held.keys()
        if not missing:
            return held
        if missing <= ADDED_LATER:
            return _written(path, {**_new(), **held})
    if sealed.exists():
        raise SecretsLost(str(path))
    return _written(path, _new())


def _written(path: Path, made: dict[str, str]) -> dict[str, str]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(HEADER + "".join(f"{name}={value}\n" for name, value in made.items()))
        os.fchmod(file.fileno(), 0o600)
    return made


def kept_secrets(data_dir: Path) -> dict[str, str]:
    """The secrets that an earlier start left in a folder; none where there was no start."""
    try:
        return parse((data_dir / FILE).read_text(encoding="utf-8"))
    except OSError:
        return {}


def server_secrets() -> dict[str, str]:
    """New secrets for servers that are run by other means: containers, several machines."""
    return {
        "SST_KEYRING": f"{time.strftime('%Y-%m')}:{_random_key()}",
        "SST_INDEX_KEY": _random_key(),
        "SST_SIGNING_KEY": _random_key(),
        "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "VALKEY_PASSWORD": secrets.token_urlsafe(24),
        "SST_DEMO_PASSWORD": secrets.token_urlsafe(12),
    }


def _new() -> dict[str, str]:
    return {
        "SST_KEYRING": f"demo-1:{_random_key()}",
        "SST_INDEX_KEY": _random_key(),
        "SST_SIGNING_KEY": _random_key(),
        "SST_VALKEY_PASSWORD": secrets.token_urlsafe(24),
        "WECHAT_APP_ID": f"wx{secrets.token_hex(8)}",
        "WECHAT_SECRET": secrets.token_hex(16),
        "SST_DEMO_PASSWORD": secrets.token_urlsafe(12),
    }


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def parse(text: str) -> dict[str, str]:
    """What such a file holds."""
    lines = (line.strip() for line in text.splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}
