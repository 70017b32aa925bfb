"""Signatures that must not be accepted (RFC 9421, RFC 9530), each refused with 401."""

import os

from backend.conformance.case import Case
from backend.conformance.rules import Group, Mend
from backend.upstream.raw import Seal
from backend.upstream.signing import MAX_SKEW_S, SigningKey

group = Group()
AN_HOUR = 3600


@group.rule("signature.missing", "没有签名的呼叫被拒绝")
async def missing(case: Case) -> None:
    """No signature at all."""
    told = await case.send(case.body, signed=False)
    if told.status != 401:
        raise Mend(f"没有签名的呼叫：应以 401 拒绝，实际应答 {told.says}")


@group.rule("signature.wrong", "别人用同一编号的签名被拒绝")
async def wrong(case: Case) -> None:
    """Another key under the id that the system trusts."""
    mine = case.bench.key
    stranger = SigningKey.from_seed(mine.key_id, os.urandom(32), mine.alg)
    told = await case.send(case.body, key=stranger)
    case.refused("用别的密钥、冒用可信编号的签名", told, 401)


@group.rule("signature.unknown_key", "编号不认识的签名被拒绝")
async def unknown_key(case: Case) -> None:
    """The right key under an id that nobody knows."""
    told = await case.send(case.body, seal=Seal(key_id=f"nobody-{os.urandom(4).hex()}"))
    case.refused("keyid 不认识的签名", told, 401)


@group.rule("signature.expired", "过期的签名被拒绝")
async def expired(case: Case) -> None:
    """Made an hour ago."""
    told = await case.send(case.body, seal=Seal(age_s=AN_HOUR))
    case.refused("一小时前的签名（created、expires 已过）", told, 401)


@group.rule("signature.future", "尚未生效的签名被拒绝")
async def future(case: Case) -> None:
    """Made in an hour."""
    told = await case.send(case.body, seal=Seal(age_s=-AN_HOUR))
    case.refused(f"created 在一小时之后的签名（至多相差 {MAX_SKEW_S} 秒）", told, 401)


@group.rule("signature.digest", "正文改过的呼叫被拒绝")
async def digest(case: Case) -> None:
    """Signed over one body, sent with another."""
    told = await case.send(case.body, seal=Seal(body=case.body + b" "))
    case.refused("正文与 content-digest 不符的呼叫", told, 401)


@group.rule("signature.path", "为别的路径所作的签名被拒绝")
async def path(case: Case) -> None:
    """Signed for another path."""
    told = await case.send(case.body, seal=Seal(path=f"{case.path}/other"))
    case.refused("为别的路径（@path）所作的签名", told, 401)


@group.rule("signature.covers", "没有覆盖正文摘要的签名被拒绝")
async def covers(case: Case) -> None:
    """Valid in itself, but over too little: anybody could change the body."""
    told = await case.send(case.body, seal=Seal(covered=("@method", "@path", "@query")))
    case.refused("没有覆盖 content-digest 的签名", told, 401)


@group.rule("signature.nonce", "没有随机数的签名被拒绝")
async def nonce(case: Case) -> None:
    """Without a nonce it could be repeated as often as one likes."""
    told = await case.send(case.body, seal=Seal(nonce=None))
    case.refused("没有 nonce 的签名", told, 401)


@group.rule("signature.replayed", "同一个签名第二次使用被拒绝")
async def replayed(case: Case) -> None:
    """The very same request twice."""
    request = case.request(case.body)
    once = await case.deliver(request)
    if once.status != 200:
        raise Mend(f"第一次呼叫应答 200，实际应答 {once.says}")
    case.refused("原样重放的呼叫（nonce 已用过）", await case.deliver(request), 401)


@group.rule("signature.other_body", "用录下的签名发别的正文被拒绝")
async def other_body(case: Case) -> None:
    """A recorded signature over another body, with a digest that fits the new one."""
    recorded = case.request(case.body).headers
    kept = {name: recorded[name] for name in ("signature-input", "signature")}
    told = await case.send(case.body + b"\n", headers=kept)
    case.refused("录下的签名配上别的正文和摘要", told, 401)
