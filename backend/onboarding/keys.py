"""Keys of systems: whose an id is, that the system holds the private key, and when it counts.

Possession is shown by a signature of the key over a statement that names the system, the key id and
the public key. The statement binds the key to this one system, so a copy of it opens nothing for
anybody else and cannot go stale. A manifest's only key is also shown by a passed conformance run:
every answer in it was signed by that key over the signature of the platform's own request.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tortoise.transactions import in_transaction

from backend.exchange.errors import KeyTaken
from backend.exchange.service import Exchange, Key, Manifest
from backend.onboarding.errors import (
    KeyDiffers,
    KeyEnded,
    KeyProofWrong,
    KeyStateConflict,
    KeyUnknown,
    KeyUnproven,
    LastKey,
    SameHand,
    StateConflict,
)
from backend.onboarding.models import JoiningSystem, SystemKey
from backend.onboarding.records import Ledger, allow, link_to, reasoned, served, system_for
from backend.operators.service import Officer, Operators, Role
from backend.upstream.signing import public_key

DECLARED, ACTIVE, RETIRED, REVOKED = "declared", "active", "retired", "revoked"
KEY_STATE_NAMES = {DECLARED: "待启用", ACTIVE: "有效", RETIRED: "已停用", REVOKED: "已吊销"}
_DEPARTMENT = frozenset({Role.CLERK, Role.HEAD})
_SECURITY = frozenset({Role.SECURITY_ADMIN})


def statement(system_code: str, key: Key) -> bytes:
    """What a key signs to show that the system holds it."""
    lines = (
        "shengshitong key possession v1",
        f"system: {system_code}",
        f"key: {key.id}",
        f"alg: {key.alg}",
        f"public: {key.public}",
    )
    return "\n".join(lines).encode()


def check_proof(system_code: str, key: Key, proof: str) -> None:
    """Verify a proof of possession (base64 of the raw signature of 64 bytes).

    Raises:
        KeyProofWrong: it was not made by this key for this system.
    """
    try:
        signature = base64.b64decode(proof, validate=True)
        right = public_key(key.alg, key.public).verify(statement(system_code, key), signature)
    except (binascii.Error, ValueError):
        right = False
    if not right:
        raise KeyProofWrong(key.id)


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key of a system as it stands."""

    id: str
    alg: str
    public: str
    state: str
    state_name: str
    proven: str
    created_at: datetime
    changed_at: datetime


class Keys:
    """Declares, rotates and revokes the keys of systems."""

    def __init__(self, exchange: Exchange, operators: Operators, ledger: Ledger) -> None:
        self._exchange, self._operators, self._ledger = exchange, operators, ledger

    async def declare(
        self, officer: Officer, manifest: Manifest, proofs: Mapping[str, str]
    ) -> None:
        """Take note of the keys of a revision that is submitted.

        Args:
            proofs: key id → proof of possession, for keys that are not proven yet.

        Raises:
            KeyTaken, KeyDiffers, KeyEnded, KeyProofWrong, KeyUnknown: a key cannot be taken.
        """
        code = manifest.system.code
        if unknown := sorted(set(proofs) - {key.id for key in manifest.keys}):
            raise KeyProofWrong(unknown[0])
        for key in manifest.keys:
            row = await self._own_row(officer, code, key)
            if key.id in proofs:
                check_proof(code, key, proofs[key.id])
                await SystemKey.filter(id=row.id).update(proven="signature")

    async def _own_row(self, officer: Officer, code: str, key: Key) -> SystemKey:
        """The row of a key id that is this system's, or becomes it.

        An id that somebody declared without ever proving possession is nobody's.
        """
        row = await SystemKey.get_or_none(id=key.id)
        if row is not None and row.state == DECLARED and not row.proven:
            await row.delete()
            row = None
        if row is None:
            return await SystemKey.create(
                id=key.id, system_code=code, alg=key.alg, public=key.public,
                added_by=officer.account_id,
            )  # fmt: skip
        if row.system_code != code:
            raise KeyTaken(key.id)
        if (row.alg, row.public) != (key.alg, key.public):
            raise KeyDiffers(key.id)
        if row.state in (RETIRED, REVOKED):
            raise KeyEnded(key.id)
        return row

    async def prove_by_conformance(self, manifest: Manifest) -> None:
        """Take a passed run as proof for a manifest's only key; see the module's words."""
        if len(manifest.keys) == 1:
            rows = SystemKey.filter(
                id=manifest.keys[0].id, system_code=manifest.system.code, proven=""
            )
            await rows.update(proven="conformance")

    async def activate(self, manifest: Manifest) -> None:
        """Put a published manifest's keys in service and end those that it no longer names.

        Raises:
            KeyUnproven: nobody has shown possession of one.
            KeyEnded: one was retired or revoked since it was submitted.
        """
        code, ids = manifest.system.code, [key.id for key in manifest.keys]
        rows = {row.id: row for row in await SystemKey.filter(system_code=code, id__in=ids)}
        if ended := [key_id for key_id, row in rows.items() if row.state in (RETIRED, REVOKED)]:
            raise KeyEnded(ended[0])
        if unproven := [key_id for key_id in ids if key_id not in rows or not rows[key_id].proven]:
            raise KeyUnproven(unproven)
        await SystemKey.filter(system_code=code, id__in=ids).update(state=ACTIVE)
        others = SystemKey.filter(system_code=code, state=ACTIVE).exclude(id__in=ids)
        await others.update(state=RETIRED)

    async def in_service(self, code: str) -> list[Key]:
        """The keys that count, the first declared first."""
        rows = await SystemKey.filter(system_code=code, state=ACTIVE).order_by("created_at", "id")
        return [Key.model_validate(_key(row)) for row in rows]

    async def end_all(self, code: str) -> None:
        """Retire every key of a system that leaves."""
        await SystemKey.filter(system_code=code, state=ACTIVE).update(state=RETIRED)

    async def add(self, officer: Officer, code: str, key: Key, proof: str) -> None:
        """Declare a further key of a published system; it counts once it is approved.

        Raises:
            RoleMissing, SystemUnknown, StateConflict: not by this officer, or not now.
            KeyTaken, KeyDiffers, KeyEnded, KeyProofWrong: the key cannot be taken.
        """
        allow(officer, _DEPARTMENT)
        system = await system_for(officer, code)
        if await served(system) is None:
            raise StateConflict("系统尚未发布，请把密钥写入接入清单一并提交。")
        check_proof(code, key, proof)
        async with in_transaction():
            row = await self._own_row(officer, code, key)
            if row.state == ACTIVE:
                raise KeyStateConflict
            rows = SystemKey.filter(id=row.id)
            await rows.update(proven="signature", added_by=officer.account_id)
            await self._ledger.note(code, "key_added", officer, reason=key.id)
            await self._operators.notify(
                role=Role.SECURITY_ADMIN, kind="onboarding.key_added", title="有新的密钥待批准",
                text=f"{system.name}登记了新的密钥 {key.id}，批准后新旧密钥同时有效。",
                link=f"{link_to(code)}/keys",
            )  # fmt: skip

    async def approve(self, officer: Officer, code: str, key_id: str) -> None:
        """Let a declared key count beside the present ones: the overlap of a rotation begins.

        Raises:
            RoleMissing, SystemUnknown, KeyUnknown: not by this officer, or no such key.
            KeyStateConflict: it does not wait for approval.
            SameHand: the account that added it approves it.
        """
        allow(officer, _SECURITY)
        system = await system_for(officer, code)
        row = await _row(code, key_id)
        if row.state != DECLARED or not row.proven or await served(system) is None:
            raise KeyStateConflict
        if row.added_by == officer.account_id:
            raise SameHand
        await self._change(officer, code, row, ACTIVE, "key_approved", key_id)
        await self._tell(
            code, "key_approved", "密钥已启用", f"密钥 {key_id} 已启用，可以开始使用。"
        )

    async def retire(self, officer: Officer, code: str, key_id: str) -> None:
        """End the overlap: the key counts no more, another one does.

        Raises:
            RoleMissing, SystemUnknown, KeyUnknown: not by this officer, or no such key.
            KeyStateConflict: it does not count now; LastKey: no other one does.
        """
        allow(officer, _DEPARTMENT | _SECURITY)
        await system_for(officer, code)
        row = await _row(code, key_id)
        if row.state == DECLARED:
            await self._change(officer, code, row, RETIRED, "key_retired", key_id)
            return
        if row.state != ACTIVE:
            raise KeyStateConflict
        if len(await self.in_service(code)) == 1:
            raise LastKey
        await self._change(officer, code, row, RETIRED, "key_retired", key_id)
        words = f"密钥 {key_id} 已停用，不再接受用它作的签名。"
        await self._tell(code, "key_retired", "密钥已停用", words)

    async def revoke(self, officer: Officer, code: str, key_id: str, reason: str) -> None:
        """Trust a key no more, at once and on every worker, be it the last.

        Raises:
            RoleMissing, SystemUnknown, KeyUnknown: not by this officer, or no such key.
            ReasonMissing: no reason. KeyStateConflict: it is revoked already.
        """
        allow(officer, _DEPARTMENT | _SECURITY)
        system = await system_for(officer, code)
        words = reasoned(reason)
        row = await _row(code, key_id)
        if row.state == REVOKED:
            raise KeyStateConflict
        await self._exchange.revoke_key(key_id)
        await self._change(officer, code, row, REVOKED, "key_revoked", f"{key_id}：{words}")
        title, text = "密钥已吊销", f"{system.name}的密钥 {key_id} 已吊销：{words}"
        await self._tell(code, "key_revoked", title, text)
        await self._operators.notify(
            role=Role.SECURITY_ADMIN, kind="onboarding.key_revoked", title=title, text=text,
            link=f"{link_to(code)}/keys",
        )  # fmt: skip

    async def list(self, officer: Officer, code: str) -> list[KeyView]:
        """All keys that the system ever had, the oldest first.

        Raises:
            RoleMissing, SystemUnknown: see ``records.system_for``.
        """
        await system_for(officer, code)
        rows = await SystemKey.filter(system_code=code).order_by("created_at", "id")
        return [_view(row) for row in rows]

    async def _change(
        self, officer: Officer, code: str, row: SystemKey, state: str, act: str, words: str
    ) -> None:
        async with in_transaction():
            if not await SystemKey.filter(id=row.id, state=row.state).update(state=state):
                raise KeyStateConflict
            await self._ledger.note(code, act, officer, reason=words)
            keys = await self.in_service(code)
            # Without any key the registration keeps its last ones: they are known as revoked.
            if keys:
                await self._exchange.rekey(code, keys)

    async def _tell(self, code: str, kind: str, title: str, text: str) -> None:
        system = await JoiningSystem.get(code=code)
        await self._operators.notify(
            department_uscc=system.department_uscc, kind=f"onboarding.{kind}", title=title,
            text=text, link=f"{link_to(code)}/keys",
        )  # fmt: skip


async def _row(code: str, key_id: str) -> SystemKey:
    row = await SystemKey.get_or_none(id=key_id, system_code=code)
    if row is None:
        raise KeyUnknown
    return row


def _key(row: SystemKey) -> dict[str, str]:
    return {"id": row.id, "alg": row.alg, "public": row.public}


def _view(row: SystemKey) -> KeyView:
    return KeyView(
        row.id, row.alg, row.public, row.state, KEY_STATE_NAMES[row.state], row.proven,
        row.created_at, row.changed_at,
    )  # fmt: skip
