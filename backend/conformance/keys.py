"""The key with which the kit signs: a small file of the department's own.

The system is told its public half and lets it in for its sandbox, as it lets in the platform's.
"""

import base64
import binascii
import os
import secrets
from pathlib import Path
from typing import Any

from backend.conformance.errors import KeyUnusable
from backend.exchange.documents import read_yaml
from backend.exchange.errors import ManifestRefused
from backend.upstream.keys import KeyKind, SigningKey, Sm2Unavailable

_HEADER = (
    "# Signs the calls of the conformance kit. Keep it; the system needs the public half alone.\n"
)


def new_key(path: Path, alg: KeyKind, key_id: str = "") -> SigningKey:
    """Make a key and keep it in a new file that only its owner reads.

    Raises:
        KeyUnusable: the file exists already or cannot be written, or there is no SM2 here.
    """
    seed = secrets.token_bytes(32)
    key_id = key_id or f"conform-{secrets.token_hex(4)}"
    key = _made(path, key_id, seed, alg)
    lines = f"id: {key_id}\nalg: {alg}\nprivate: {base64.b64encode(seed).decode()}\n"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyUnusable(str(path), "文件已经存在，不会覆盖") from None
    except OSError as error:
        raise KeyUnusable(str(path), f"无法写入（{error.strerror}）") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(_HEADER + lines)
    return key


def read_key(path: Path) -> SigningKey:
    """Read a key that :func:`new_key` made.

    Raises:
        KeyUnusable: the file cannot be read, or is no key.
    """
    try:
        held: Any = read_yaml(path)
    except ManifestRefused as refused:
        raise KeyUnusable(str(path), refused.errors[0]["message"]) from None
    if not isinstance(held, dict) or not {"id", "alg", "private"} <= held.keys():
        raise KeyUnusable(str(path), "应有 id、alg、private 三项")
    if held["alg"] not in ("ed25519", "sm2"):
        raise KeyUnusable(str(path), "alg 应为 ed25519 或 sm2")
    try:
        seed = base64.b64decode(str(held["private"]), validate=True)
    except binascii.Error:
        seed = b""
    if len(seed) != 32:
        raise KeyUnusable(str(path), "private 应为 32 字节的 base64 文本")
    return _made(path, str(held["id"]), seed, held["alg"])


def _made(path: Path, key_id: str, seed: bytes, alg: KeyKind) -> SigningKey:
    try:
        return SigningKey.from_seed(key_id, seed, alg)
    except Sm2Unavailable:
        raise KeyUnusable(str(path), "本机的 OpenSSL 不支持 SM2") from None
