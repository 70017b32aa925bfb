"""The first look: an ordinary call, and everything that has to be right before all else.

The checks are a chain: each makes sense only when those before it passed. So a system that does
not answer is told exactly that, and not forty times that something else is wrong with its silence.
"""

import asyncio
from dataclasses import dataclass

from backend.conformance.asking import Question
from backend.conformance.case import FAILURES, JSON, NO_JSON, Case, Told
from backend.conformance.interface import interface, misfits
from backend.conformance.report import Check, Outcome
from backend.exchange.manifest import TimeOuts
from backend.upstream.raw import FailureKind, RawAnswer, RawFailure, RawRequest

HEALTH = "health"
# Late once is a busy moment, perhaps of the machine that the kit runs on; late each time is slow.
ATTEMPTS, PAUSE_S = 3, 0.25
HEALTH_PATH = "/v1/health"

_BY_FAILURE: dict[FailureKind, str] = {
    "connect": "transport.connect",
    "tls": "transport.connect",
    "forbidden": "transport.connect",
    "timeout": "time.hang",
    "closed": "transport.complete",
    "truncated": "transport.complete",
    "not_http": "transport.http",
    "too_large": "answer.size",
}
_TRANSPORT = {
    "transport.connect": "能够建立连接",
    "time.connect": "在清单登记的 connect_ms 内建立连接",
    "time.hang": "正常呼叫有应答，不悬挂",
    "transport.complete": "应答完整，没有中途断开",
    "transport.http": "应答是有效的 HTTP",
    "answer.size": "应答不超过 1 MB",
    "availability.5xx": "正常呼叫不应答 5xx",
    "time.deadline": "在清单登记的时限内应答完毕",
}
HEALTH_CHAIN = {**_TRANSPORT, "health.answer": "健康检查应答 200 和 status: ok"}
CHAIN = {
    **{name: title for name, title in _TRANSPORT.items() if name != "time.connect"},
    "signature.accepted": "正确签名的呼叫被接受",
    "answer.status": "正常呼叫应答 200",
    "answer.signature": "应答有登记密钥对本次呼叫的签名",
    "answer.media_type": "应答的媒体类型是 application/json",
    "answer.json": "应答正文是 JSON 对象",
    "answer.schema": "应答符合接口文档的结构",
}
# What fails here does not keep the kit from looking further.
BEARABLE = frozenset({"answer.media_type", "answer.schema"})

SIGNATURE_FAULTS = {
    "missing": "应答缺少 signature-input、signature 或 content-digest",
    "malformed": "signature-input 的格式或覆盖的组成不符合接口文档",
    "unknown_key": "keyid 不是清单 keys 中登记的密钥",
    "expired": "created/expires 不在 ±300 秒之内，请校对服务器时钟",
    "digest": "content-digest 与收到的正文不符",
    "wrong": "签名与登记的公钥不符：请核对清单 keys 的公钥，以及签名是否绑定了本次请求的 signature",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a call broke the chain."""

    id: str
    mend: str
    advice: bool = False


class Chain:
    """Collects what the calls of one operation showed, and tells it in the order of the chain."""

    def __init__(self, operation: str, titles: dict[str, str]) -> None:
        self._operation, self._titles = operation, titles
        self._found: dict[str, Finding] = {}
        self._good = False
        self.seconds = 0.0

    def add(self, finding: Finding | None, seconds: float) -> None:
        """Note what one call showed; None: all was well."""
        self.seconds = max(self.seconds, seconds)
        if finding is None:
            self._good = True
            return
        self._found.setdefault(finding.id, finding)
        if finding.advice or finding.id == "answer.schema":
            self._good = True

    @property
    def broken(self) -> bool:
        """Whether going on makes no sense."""
        return any(
            not finding.advice and finding.id not in BEARABLE for finding in self._found.values()
        )

    def checks(self) -> list[Check]:
        """One check for each link."""
        found = []
        stopped = ""
        for id_, title in self._titles.items():
            finding = self._found.get(id_)
            if finding is not None:
                outcome = Outcome.ADVISED if finding.advice else Outcome.FAILED
                found.append(self._check(id_, title, outcome, finding.mend))
                if not finding.advice and not self._good:
                    stopped = title
            elif stopped:
                mend = f"因“{stopped}”未通过而没有检查"
                found.append(self._check(id_, title, Outcome.SKIPPED, mend))
            else:
                found.append(self._check(id_, title, Outcome.PASSED, ""))
        return found

    def _check(self, id_: str, title: str, outcome: Outcome, mend: str) -> Check:
        # The time is that of the slowest call, told once and not at each link.
        seconds = self.seconds if id_ == "time.deadline" else 0.0
        return Check(id_, self._operation, title, outcome, mend, seconds)


def by_failure(failure: RawFailure, what: str) -> Finding:
    """The link that a failure of the transport breaks."""
    words = FAILURES[failure.kind]
    if failure.kind == "timeout":
        words = f"等待 {failure.seconds:.1f} 秒没有应答完毕：请为内部处理设置时限，超时也要应答"
    elif failure.kind == "truncated":
        words += "：请核对 content-length，并在发完正文之后才关闭连接"
    return Finding(_BY_FAILURE[failure.kind], f"{what}：{words}")


async def look_at_health(case: Case) -> list[Check]:
    """``GET /v1/health``."""
    chain = Chain(HEALTH, HEALTH_CHAIN)
    bench = case.bench
    request = RawRequest(bench.client.prefix + HEALTH_PATH, {}, method="GET")
    limits = bench.manifest.time_outs
    try:
        within = limits.answer_ms / 1000 + bench.grace_s
        answers = [await bench.caller.call(request, within)]
        while _is_late(answers[-1], limits) and len(answers) < ATTEMPTS:
            await asyncio.sleep(PAUSE_S * len(answers))
            answers.append(await bench.caller.call(request, within))
    except RawFailure as failure:
        chain.add(by_failure(failure, f"GET {HEALTH_PATH}"), failure.seconds)
    else:
        chain.add(_health_fault(answers[-1], limits), answers[-1].seconds)
    return chain.checks()


def _is_late(answer: RawAnswer, limits: TimeOuts) -> bool:
    return (
        answer.seconds * 1000 > limits.answer_ms or answer.connecting_s * 1000 > limits.connect_ms
    )


def _health_fault(answer: RawAnswer, limits: TimeOuts) -> Finding | None:
    what = f"GET {HEALTH_PATH}"
    connecting, whole = answer.connecting_s * 1000, answer.seconds * 1000
    if connecting > limits.connect_ms:
        place = "time_outs.connect_ms"
        text = (
            f"{what}：建立连接用了 {connecting:.0f} 毫秒，超过清单 {place} 的 {limits.connect_ms}"
        )
        return Finding("time.connect", text)
    if answer.status >= 500:
        return Finding("availability.5xx", f"{what} 应答了 {answer.status}：系统自称不可用")
    if whole > limits.answer_ms:
        place = "time_outs.answer_ms"
        text = f"{what}：用时 {whole:.0f} 毫秒，清单 {place} 为 {limits.answer_ms}"
        return Finding("time.deadline", text)
    told = Told({}, answer, {})
    if answer.status != 200:
        return Finding("health.answer", f"{what} 应答了 {answer.status}：应无需签名即应答 200")
    if told.document is NO_JSON or misfits(interface().health, told.document):
        return Finding("health.answer", f'{what} 的正文应为 {{"status": "ok"}}')
    return None


async def look_at(case: Case) -> tuple[list[Check], bool]:
    """Ask everything about the subjects once; fills ``case.told``.

    Returns:
        the checks, and whether the other checks of the operation make sense.
    """
    chain = Chain(case.operation, CHAIN)
    # One alone first: what is broken altogether is seen by it.
    first, *others = case.questions or case.nobody[:1]
    await _look(case, first, chain)
    if not chain.broken:
        await asyncio.gather(*(_look(case, question, chain) for question in others))
        order = [question.about for question in (first, *others)]
        case.told.sort(key=lambda pair: order.index(pair[0].about))
    return chain.checks(), not chain.broken


async def _look(case: Case, question: Question, chain: Chain) -> None:
    try:
        answers = [await case.ask(question.payload)]
        while answers[-1].answer.seconds > case.timeout_s and len(answers) < ATTEMPTS:
            await asyncio.sleep(PAUSE_S * len(answers))
            answers.append(await case.ask(question.payload))
    except RawFailure as failure:
        chain.add(by_failure(failure, question.about), failure.seconds)
        return
    told = answers[-1]
    finding = fault_of(case, told, question.about)
    if finding is None and len(answers) > 1:
        finding = _lateness(case, answers, question.about)
    if finding is None or finding.advice or finding.id in BEARABLE:
        case.told.append((question, told))
    chain.add(finding, told.answer.seconds)


def _lateness(case: Case, answers: list[Told], what: str) -> Finding:
    limit = case.timeout_s * 1000
    took = "、".join(f"{told.answer.seconds * 1000:.0f}" for told in answers)
    text = f"{what}：{len(answers)} 次用时 {took} 毫秒，时限 {limit:.0f}"
    if answers[-1].answer.seconds * 1000 <= limit:
        return Finding("time.deadline", f"{text}：有时超过", advice=True)
    place = f"清单 operations.{case.operation}.timeout_ms"
    return Finding("time.deadline", f"{text}（{place}）：请加快处理，或在清单中登记做得到的时限")


def fault_of(case: Case, told: Told, what: str) -> Finding | None:
    """The first link that an answer breaks; None: a good answer."""
    for test in (_status_fault, _signature_fault, _content_fault):
        finding = test(case, told, what)
        if finding is not None:
            return finding
    return None


def _status_fault(case: Case, told: Told, what: str) -> Finding | None:
    if told.status >= 500:
        text = f"{what}：应答了 {told.says}：请查系统日志；正常呼叫不得应答 5xx"
        return Finding("availability.5xx", text)
    if told.status == 401:
        key = case.bench.key
        text = (
            f"{what}：应答了 {told.says}：请把核验用的公钥（编号 {key.key_id}，{key.alg}，"
            f"{key.public_base64}）配置为可信，并核对验签的组成与时钟"
        )
        return Finding("signature.accepted", text)
    if told.status != 200:
        place = f"operations.{case.operation}.path"
        text = f"{what}：应答了 {told.says}：请核对清单 {place}；平台不跟随重定向"
        return Finding("answer.status", text)
    return None


def _signature_fault(case: Case, told: Told, what: str) -> Finding | None:
    fault = told.signature_fault
    if not fault:
        return None
    return Finding("answer.signature", f"{what}：{SIGNATURE_FAULTS[fault]}")


def _content_fault(case: Case, told: Told, what: str) -> Finding | None:
    if not isinstance(told.document, dict):
        return Finding("answer.json", f"{what}：应答正文不是 JSON 对象（UTF-8）")
    if told.media_type != JSON:
        return Finding("answer.media_type", f"{what}：应答的 content-type 应为 {JSON}")
    places = misfits(case.described.answer, told.document)
    if places:
        return Finding("answer.schema", f"{what}：{places}")
    return None
