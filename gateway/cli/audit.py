"""The audit's chain from a server's command line."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from backend.audit.service import Broken, Head
    from backend.upstream.signing import PublicKey

app = typer.Typer(help="The audit: verify that nothing was changed in it.", no_args_is_help=True)

WORDS = {
    "changed": "记录被改动 (the entry was changed)",
    "removed": "记录被删除 (the entry was removed)",
    "link_removed": "链上缺了一环 (a link was removed)",
    "put_in": "记录是事后插入的，不在链上 (the entry was put in later)",
    "rewritten": "链在此处与签名不符，此前被整段改写 (the chain was written anew up to here)",
    "unanchored": "链的末尾没有签名 (the end of the chain is not signed)",
    "cut_off": "链的末尾被截去 (the end of the chain was cut off)",
}


@app.callback()
def _group() -> None:
    """Keeps ``verify`` a command of its own."""


@app.command()
def verify(
    anchor: Annotated[
        str, typer.Option(help="An end of the chain told earlier, position:hash.")
    ] = "",
    key: Annotated[
        list[str] | None,
        typer.Option(help="A public key that the gateway had before, id:alg:base64; repeatable."),
    ] = None,
) -> None:
    """Go over the whole chain; name the first entry at which it is broken, and end with 1."""
    from gateway.cli.commands import finish

    finish(_verify(_head(anchor), dict(_key(text) for text in key or [])))


def _head(text: str) -> "Head | None":
    from backend.audit.service import Head
    from gateway.cli.commands import fail

    position, _, digest = text.partition(":")
    if not text:
        return None
    if not position.isdigit() or len(digest) != 64:
        fail("--anchor 应为“位置:摘要” (position:hash, as printed before)")
    return Head(int(position), digest)


def _key(text: str) -> "tuple[str, PublicKey]":
    from backend.upstream.signing import public_key
    from gateway.cli.commands import fail

    key_id, _, rest = text.partition(":")
    alg, _, public = rest.partition(":")
    try:
        return key_id, public_key("sm2" if alg == "sm2" else "ed25519", public)
    except ValueError:
        fail("--key 应为“编号:算法:公钥” (id:alg:base64, as gateway-key prints it)")


async def _verify(kept: "Head | None", keys: "dict[str, PublicKey]") -> None:
    from backend.audit.service import AuditChain
    from backend.store.database import close_database, open_database
    from backend.upstream.signing import gateway_keys
    from gateway.cli.commands import fail, settings

    held = settings()
    await open_database(held.database_url)
    try:
        chain = AuditChain(gateway_keys(held.signing_key_id, held.signing_key)[0])
        verdict = await chain.verify(kept, keys)
    finally:
        await close_database()
    if verdict.head is not None:
        print(f"已核验至 verified to: {verdict.head.position}:{verdict.head.hash}")
    if verdict.broken is not None:
        fail(_said(verdict.broken))
    print(f"待封存 not sealed yet: {verdict.waiting}")
    print("审计链完整 · the chain is whole")


def _said(broken: "Broken") -> str:
    where = f"第 {broken.position} 环" if broken.position else "链外"
    entry = f"，记录 {broken.entry}" if broken.entry else ""
    return f"审计链在{where}断开{entry}：{WORDS[broken.what]}"
