"""One operation of one system under examination, and how it is called."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from backend.conformance.asking import Question, about_nobody, questions
from backend.conformance.calling import Caller
from backend.conformance.interface import Described, interface
from backend.conformance.rules import Mend, NotChecked
from backend.exchange.manifest import Manifest
from backend.exchange.manifest_conformance import Subjects
from backend.upstream.keys import PublicKey, SigningKey
from backend.upstream.raw import (
    FailureKind,
    RawAnswer,
    RawClient,
    RawConnection,
    RawFailure,
    RawRequest,
    Seal,
    sealed,
)
from backend.upstream.signing import SignatureRefused, verify_answer

JSON = "application/json"
PROBLEM = "application/problem+json"
# After so many calls without an answer the other checks of an operation would only wait as well.
MOST_TIMEOUTS = 3

FAILURES: Mapping[FailureKind, str] = {
    "connect": "连接不上：该地址没有程序在监听，或迟迟不接受连接",
    "tls": "TLS 握手失败：请检查证书链、域名和有效期",
    "timeout": "没有应答",
    "closed": "还没有应答就断开了连接",
    "truncated": "应答没有发完就断开了连接",
    "not_http": "应答不是有效的 HTTP",
    "too_large": "应答超过平台读取的上限 1 MB",
    "forbidden": "平台不得呼叫这个地址（内网、本机或链路本地地址）",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A request and its answer.

    Attributes:
        sent: the headers that signed the request; empty when it was not signed.
    """

    sent: Mapping[str, str]
    answer: RawAnswer
    keys: Mapping[str, PublicKey]

    @property
    def status(self) -> int:
        """HTTP status."""
        return self.answer.status

    @property
    def media_type(self) -> str:
        """Without parameters, in lower case."""
        return self.answer.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def document(self) -> Any:
        """The body as JSON; ``NO_JSON`` when it is none."""
        try:
            return orjson.loads(self.answer.body)
        except orjson.JSONDecodeError:
            return NO_JSON

    @property
    def signature_fault(self) -> str:
        """Why the signature of the answer cannot be accepted (a word of ``SignatureRefused``)."""
        status, headers, body = self.answer.status, self.answer.headers, self.answer.body
        try:
            verify_answer(self.keys.get, status, headers, body, self.sent)
        except SignatureRefused as refused:
            return refused.reason
        return ""

    @property
    def code(self) -> str:
        """The ``code`` of a problem, when it has the form of one; for messages."""
        document = self.document
        code = document.get("code") if isinstance(document, dict) else None
        return code if isinstance(code, str) and _CODE.fullmatch(code) else ""

    @property
    def says(self) -> str:
        """Status and code, for messages."""
        return f"{self.status}（{self.code}）" if self.code else str(self.status)


NO_JSON = object()
_CODE = re.compile(r"[a-z_]{1,40}(\.[a-z0-9_]{1,40}){1,4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What is the same for all operations of a run.

    Attributes:
        key: what the kit signs with; keys: the system's keys by id; caller: the way to it.
        grace_s: seconds to wait beyond an operation's time-out, to tell late from never.
    """

    manifest: Manifest
    subjects: Subjects
    subjects_expected: bool
    key: SigningKey
    keys: Mapping[str, PublicKey]
    caller: Caller
    grace_s: float

    @property
    def client(self) -> RawClient:
        """For calls that are no calls: given up, or several on one connection."""
        return self.caller.client


@dataclass(slots=True)
class Case:
    """One operation.

    Attributes:
        told: the good answers about the subjects, filled by the first look.
        refusals: every refusal that was provoked, with what it was about.
        learned: what to ask, where another operation of the system had to tell it.
    """

    bench: Bench
    operation: str
    told: list[tuple[Question, Told]] = field(default_factory=list)
    refusals: list[tuple[str, Told]] = field(default_factory=list)
    timeouts: int = 0
    learned: list[Question] = field(default_factory=list)

    @property
    def manifest(self) -> Manifest:
        """Of the system."""
        return self.bench.manifest

    @property
    def described(self) -> Described:
        """What the interface says of the operation."""
        return interface().operations[self.operation]

    @property
    def path(self) -> str:
        """As it is sent."""
        path = self.manifest.operations[self.operation].path  # type: ignore[index]
        return self.bench.client.prefix + path

    @property
    def timeout_s(self) -> float:
        """In which an answer has to be complete."""
        return self.manifest.operations[self.operation].timeout_ms / 1000  # type: ignore[index]

    @property
    def questions(self) -> list[Question]:
        """What to ask about the subjects."""
        return self.learned or questions(self.manifest, self.bench.subjects, self.operation)

    @property
    def nobody(self) -> list[Question]:
        """What to ask about somebody who does not exist."""
        return about_nobody(self.manifest, self.operation)

    @property
    def first(self) -> Question:
        """A question that is to be answered well."""
        return (self.questions or self.nobody)[0]

    @property
    def body(self) -> bytes:
        """Of the first question."""
        return orjson.dumps(self.first.payload)

    async def ask(self, payload: Any) -> Told:
        """A call as the platform makes it.

        Raises:
            RawFailure: no whole answer.
        """
        return await self.send(orjson.dumps(payload))

    async def good(self, payload: Any, what: str) -> dict[str, Any]:
        """A call that has to be answered well; returns the answer.

        Raises:
            Mend: it was not.
        """
        told = await self.ask(payload)
        document = told.document
        if told.status != 200 or told.signature_fault or not isinstance(document, dict):
            fault = f"，签名 {told.signature_fault}" if told.signature_fault else ""
            raise Mend(f"{what}：应正常应答 200 并签名，实际应答 {told.says}{fault}")
        return document

    async def send(
        self,
        body: bytes,
        *,
        seal: Seal | None = None,
        signed: bool = True,
        key: SigningKey | None = None,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
    ) -> Told:
        """Any call, right or wrong.

        Args:
            headers: to send in place of the signing ones (a recorded signature), or of others.

        Raises:
            RawFailure: no whole answer.
            NotChecked: too many calls were not answered before.
        """
        request = self.request(body, seal=seal, signed=signed, key=key, method=method)
        if headers:
            request = RawRequest(request.path, {**request.headers, **headers}, body, method)
        return await self.deliver(request)

    def request(
        self,
        body: bytes,
        *,
        seal: Seal | None = None,
        signed: bool = True,
        key: SigningKey | None = None,
        method: str = "POST",
    ) -> RawRequest:
        """A request, ready to be sent."""
        plain = RawRequest(self.path, {}, body, method)
        headers = {"content-type": JSON, "x-timeout-ms": str(int(self.timeout_s * 1000))}
        if signed:
            headers |= sealed(key or self.bench.key, plain, seal)
        return RawRequest(self.path, headers, body, method)

    async def deliver(self, request: RawRequest, connection: RawConnection | None = None) -> Told:
        """Send a request that is ready.

        Raises:
            RawFailure: no whole answer.
            NotChecked: too many calls were not answered before.
        """
        if self.timeouts >= MOST_TIMEOUTS:
            raise NotChecked(f"已有 {MOST_TIMEOUTS} 次呼叫没有应答，其余不再检查")
        within = self.timeout_s + self.bench.grace_s
        try:
            answer = await self.bench.caller.call(request, within, connection)
        except RawFailure as failure:
            self.timeouts += failure.kind == "timeout"
            raise
        return Told(request.headers, answer, self.bench.keys)

    def refused(self, what: str, told: Told, *statuses: int) -> None:
        """Note a refusal and see that it was one.

        Raises:
            Mend: another status.
        """
        wanted = "、".join(map(str, statuses))
        if told.status not in statuses:
            raise Mend(f"{what}：应以 {wanted} 拒绝，实际应答 {told.says}")
        self.refusals.append((what, told))
