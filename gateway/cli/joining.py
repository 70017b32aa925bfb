"""How the sandbox's departments join: through the same steps and hands as anyone else."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.onboarding.errors import OnboardingError

if TYPE_CHECKING:
    from backend.exchange.service import Manifest
    from backend.onboarding.service import RevisionView, SystemView
    from backend.operators.service import Officer
    from backend.province import Province

Say = Callable[[str], None]
_REASON = "沙箱演示"
MOST_NAMED = 5
TRIES = 3
# More kits at once than this, and they wait for each other instead of for the departments.
KITS_AT_ONCE = 3


class NotConformant(OnboardingError):
    """A department of the sandbox does not do what it says; the sentence says what to mend."""

    code = "onboarding.not_conformant"
    title = "A sandbox department does not conform"
    kind = "conflict"

    def __init__(self, name: str, report: Mapping[str, Any]) -> None:
        failed = [one for one in report.get("checks", ()) if one["outcome"] == "failed"]
        lines = [f"{one['operation']} {one['title']}：{one['mend']}" for one in failed]
        what = "；".join(lines[:MOST_NAMED]) or "测试中断，请看网关日志"
        super().__init__(f"{name}没有通过符合性测试：{what}")


async def join(province: "Province", files: Sequence[Path], say: Say) -> "dict[str, Officer]":
    """Take every manifest through onboarding by the demo accounts; what is unchanged stays.

    Returns:
        The demo accounts by username.

    Raises:
        DomainError: a manifest is refused or does not conform; who joined before stays.
    """
    from backend.exchange.service import load_manifest
    from backend.operators.service import DemoDepartment

    manifests = [await asyncio.to_thread(load_manifest, file) for file in files]
    wanted = {
        one.system.code: DemoDepartment(
            one.system.code, one.system.short_name, one.system.department.uscc
        )
        for one in manifests
    }
    officers = await province.operators.prepare_demo(list(wanted.values()))
    if not officers:
        say("没有演示账号（未设置 SST_DEMO_PASSWORD），不登记沙箱部门 · no demo accounts")
        return officers
    say(f"控制台演示账号 {len(officers)} 个已就绪 · console accounts")
    turn = asyncio.Semaphore(KITS_AT_ONCE)
    ways = [_Joining(province, one, officers, say, turn).go() for one in manifests]
    await asyncio.gather(*ways)
    await province.exchange.reload()
    return officers


class _Joining:
    """One department on its way."""

    def __init__(
        self,
        province: "Province",
        manifest: "Manifest",
        officers: "dict[str, Officer]",
        say: Say,
        turn: asyncio.Semaphore,
    ) -> None:
        self._turn = turn
        self._onboarding, self._manifest, self._say = province.onboarding, manifest, say
        self._code, self._name = manifest.system.code, manifest.system.name
        self._clerk = officers[f"{self._code}.clerk"]
        self._operator, self._security = officers["operator"], officers["secadmin"]

    async def go(self) -> None:
        """From wherever it stands, also after a start that was broken off, to its publication."""
        from backend.onboarding.service import digest_of, text_of

        digest = digest_of(text_of(self._manifest))
        system = await self._system()
        published = system.published if system is not None else None
        if published is not None and published.digest == digest:
            retired = published.state == "retired"
            words = "已退出平台，不再接入 · retired" if retired else "没有变化 · same"
            self._say(f"{self._name}：{words}")
            return
        number = await self._revision(system.opened if system else None, digest)
        while (view := await self._view(number)).state != "published":
            await self._step(view)
        self._say(f"{self._name}：第 {number} 版已通过审核和符合性测试并发布 · published")

    async def _system(self) -> "SystemView | None":
        from backend.onboarding.errors import SystemUnknown

        try:
            return await self._onboarding.views.system(self._operator, self._code)
        except SystemUnknown:
            return None

    async def _view(self, number: int) -> "RevisionView":
        return (await self._onboarding.views.revision(self._operator, self._code, number)).view

    async def _revision(self, opened: "RevisionView | None", digest: str) -> int:
        """The number of the revision under way that has this content."""
        drafts = self._onboarding.drafts
        if opened is not None and opened.digest == digest:
            return opened.number
        if opened is not None and opened.state != "draft":
            await drafts.withdraw(self._clerk, self._code, opened.number, _REASON)
        return (await drafts.save(self._clerk, self._manifest)).number

    async def _step(self, view: "RevisionView") -> None:
        code, number, review = self._code, view.number, self._onboarding.review
        if view.state == "draft":
            await self._onboarding.drafts.submit(self._clerk, code, number, _REASON)
        elif view.state == "submitted":
            await self._approve_addresses()
            await review.take(self._operator, code, number)
        elif view.state == "in_review":
            breaks = await review.breaking(self._operator, code, number)
            seen = [one.id for one in breaks]
            await review.approve(self._operator, code, number, _REASON, seen)
        elif view.state == "sandbox":
            await self._examine(number)
        else:
            await review.publish(self._operator, code, number, _REASON)

    async def _examine(self, number: int) -> None:
        """A machine that has just started may be slow once; a department that is wrong stays so."""
        for tries_left in reversed(range(TRIES)):
            async with self._turn:
                run = await self._onboarding.examination.run(self._clerk, self._code, number)
            if run.state == "passed":
                return
            if not tries_left:
                raise NotConformant(self._name, run.report)
            self._say(f"{self._name}：符合性测试未通过，再试一次 · once more")

    async def _approve_addresses(self) -> None:
        addresses = self._onboarding.addresses
        for one in await addresses.list(self._security, self._code):
            if one.state != "approved":
                await addresses.approve(self._security, self._code, one.origin, _REASON)
