"""The signing keys of the sandbox departments, made at the first start."""

import os
import secrets
from pathlib import Path

from backend.upstream.signing import KeyKind, SigningKey


def department_key(folder: Path, key_id: str, alg: KeyKind = "ed25519") -> SigningKey:
    """The key of that id and kind; its seed is read from its file or made and kept (mode 0600).

    Raises:
        OSError: the folder cannot be written.
    """
    path = folder / f"{key_id}.key"
    try:
        seed = path.read_bytes()
    except FileNotFoundError:
        seed = _make(path)
    return SigningKey.from_seed(key_id, seed, alg)


def _make(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    seed = secrets.token_bytes(32)
    partial = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(seed)
    # Whoever comes second keeps the key of the first.
    try:
        os.link(partial, path)
    except FileExistsError:
        seed = path.read_bytes()
    finally:
        partial.unlink()
    return seed
