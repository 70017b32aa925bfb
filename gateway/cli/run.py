"""``shengshitong run``: a whole province on one machine, in one terminal."""

import contextlib
import http.client
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from backend.store.embedded import EmbeddedError
from gateway.cli.instance import CannotRun, Instance, explain
from gateway.cli.prepare import state_digest
from gateway.cli.processes import Child, ChildFailed, Supervisor

START_TIMEOUT_S = 60.0
# Ended first to last: who takes requests, who answers them, who keeps what they wrote.
ORDER = {"gateway": 3, "worker": 2, "sandbox": 2, "prepare": 2, "seed": 2, "valkey": 0}


class Stopped(Exception):
    """The person ended it while it was starting."""


def say(line: str) -> None:
    """Show one line to the person at the terminal."""
    print(f"省事通：{line}", flush=True)


def run(instance: Instance) -> int:
    """Start everything, keep it running until Ctrl-C or SIGTERM, end everything.

    Returns:
        The exit code.

    Raises:
        CannotRun: with the one line that says what and how to mend it.
    """
    try:
        with instance.claimed(), started(instance, say) as province:
            say(f"已启动，用时 {province.seconds:.1f} 秒 · ready")
            for line in welcome(instance):
                print(line, flush=True)
            province.supervisor.watch(lambda: province.supervisor.stopping)
    except Stopped:
        say("已取消启动，没有留下任何进程 · cancelled")
        return 130
    say("已全部停止，数据已保存 · stopped")
    return 0


@dataclass(slots=True)
class RunningProvince:
    """What :func:`started` yields."""

    instance: Instance
    supervisor: Supervisor
    began: float
    seconds: float = 0.0


@contextlib.contextmanager
def started(
    instance: Instance, show: Callable[[str], None], signals: bool = True
) -> Iterator[RunningProvince]:
    """A running instance; every process of it has ended when this is left.

    Args:
        show: shows one line to whoever started it.
        signals: let Ctrl-C, SIGTERM and SIGHUP end it.

    Raises:
        CannotRun: something did not start; what had started is ended.
        Stopped: a signal came while it was starting; likewise.
    """
    supervisor = Supervisor(instance.data_dir, show)
    province = RunningProvince(instance, supervisor, time.monotonic())
    with _signals(supervisor) if signals else contextlib.nullcontext():
        try:
            with _explained(instance):
                if ended := supervisor.end_leftovers():
                    show(f"上次没有正常结束，已清理 {ended} 个遗留进程 · cleaned up")
                instance.need_port()
                _Start(province, show).everything()
            province.seconds = time.monotonic() - province.began
            yield province
        finally:
            supervisor.stop()


@contextlib.contextmanager
def _explained(instance: Instance) -> Iterator[None]:
    """Turn what can go wrong at the start into the one line that a person can act on."""
    logs = instance.data_dir / "logs"
    try:
        yield
    except EmbeddedError as error:
        raise CannotRun(f"{error} (Valkey)") from None
    except ChildFailed as failed:
        raise CannotRun(_failure(failed)) from None
    except TimeoutError as late:
        raise CannotRun(
            f"{late}在 {START_TIMEOUT_S:.0f} 秒内没有就绪，日志在 {logs} (not ready)"
        ) from None
    except OSError as error:
        raise CannotRun(explain(error, instance.data_dir)) from None


@contextlib.contextmanager
def _signals(supervisor: Supervisor) -> Iterator[None]:
    def stop(number: int, frame: object) -> None:
        if supervisor.stopping:
            supervisor.in_a_hurry = True
        elif number != signal.SIGHUP:
            print(flush=True)
        supervisor.stopping = True

    before = {
        number: signal.signal(number, stop)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Start:
    """The start-up: as much as possible at the same time."""

    def __init__(self, province: RunningProvince, show: Callable[[str], None]) -> None:
        self._instance, self._supervisor, self._show = province.instance, province.supervisor, show
        self._environ = self._instance.environ()

    def everything(self) -> None:
        """Start every process and wait until the gateway answers."""
        instance = self._instance
        stores = [] if instance.redis_url else [self._start_valkey()]
        if not (instance.sandbox_dir / "seeded.json").exists():
            self._once("seed", "正在生成沙箱省份的居民与档案", self._seeding(), on_terminal=True)
        sandbox = self._add("sandbox", "沙箱省份", self._own("sandbox", "serve"), None)
        sandbox.ready = lambda: self._province_of(sandbox)
        if not self._is_prepared():
            self._wait(*stores, sandbox)
            self._once(
                "prepare", "正在准备数据库，各部门系统接入平台", ["prepare"], on_terminal=True
            )
            self._stamp.write_text(self._digest(), "utf-8")
        gateway = self._add("gateway", "网关", self._own("gateway"), self._gateway_answers)
        self._wait(*stores, sandbox, gateway)
        # Nobody waits for the worker: it starts when its start takes no time from the others.
        self._add("worker", "后台任务", self._own("worker"), None)

    def _start_valkey(self) -> Child:
        valkey = self._instance.valkey
        return self._add("valkey", "缓存 Valkey", valkey.command, valkey.answers)

    @property
    def _stamp(self) -> Path:
        return self._instance.data_dir / "prepared.stamp"

    def _digest(self) -> str:
        return state_digest(self._instance.sandbox_dir, self._instance.base_port)

    def _is_prepared(self) -> bool:
        known = self._stamp.exists() and self._instance.database.exists()
        return known and self._stamp.read_text("utf-8") == self._digest()

    def _add(
        self,
        name: str,
        title: str,
        command: Callable[[], Sequence[str]],
        ready: Callable[[], bool] | None,
    ) -> Child:
        self._stop_if_asked()
        return self._supervisor.add(Child(name, title, command, self._environ, ready, ORDER[name]))

    def _once(self, name: str, title: str, arguments: list[str], on_terminal: bool = False) -> None:
        """Run a step to its end."""
        self._show(f"{title} … · {name}")
        child = Child(name, title, self._own(*arguments), self._environ, order=ORDER[name])
        code = self._supervisor.run_once(child, on_terminal)
        self._stop_if_asked()
        if code != 0:
            log = None if on_terminal else self._supervisor.log_of(child)
            raise ChildFailed(title, code, log)

    def _own(self, *arguments: str) -> Callable[[], Sequence[str]]:
        return lambda: [sys.executable, "-m", "gateway.cli", *arguments]

    def _wait(self, *children: Child) -> None:
        self._supervisor.wait_ready(*children, timeout_s=START_TIMEOUT_S)
        self._stop_if_asked()

    def _stop_if_asked(self) -> None:
        if self._supervisor.stopping:
            raise Stopped

    def _gateway_answers(self) -> bool:
        return fetch(f"{self._instance.url}/healthz") is not None

    def _province_of(self, child: Child) -> bool:
        running = child.process is not None and child.process.pid
        return bool(running) and self._instance.systems().get("pid") == running

    def _seeding(self) -> list[str]:
        wanted = self._instance.population
        return [
            *("sandbox", "seed", "--people", str(wanted.people)),
            *("--enterprises", str(wanted.enterprises), "--seed", str(wanted.seed)),
        ]


def fetch(url: str) -> bytes | None:
    """The body of a GET that is answered 200, else ``None``; for addresses on this machine."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=2)
    try:
        connection.request("GET", parts.path)
        answer = connection.getresponse()
        body = answer.read()
        return body if answer.status == 200 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def welcome(instance: Instance) -> list[str]:
    """What to open, and as whom to log in."""
    body = fetch(f"{instance.url}/api/v1/public/bootstrap") or b"{}"
    people = cast(list[dict[str, Any]], json.loads(body).get("demo_people") or [])
    lines = [
        "",
        f"  市民端 citizen      {instance.url}/",
        f"  企业端 enterprise   {instance.url}/enterprise",
        f"  控制台 console      {instance.url}/console",
        f"  接口文档 API docs   {instance.url}/docs",
        "",
    ]
    if people:
        lines.append("  演示人物 demo people（均为虚构）：")
        lines += [
            f"    {who['name']}  手机 {who['phone']}  身份证 {who['id_number']}  {who['says']}"
            for who in people
        ]
        lines += [
            "  登录：输入手机号，点“获取验证码”，沙箱会直接显示验证码；",
            "  再到“我的 → 实名认证”填写姓名和身份证号码，即可看到证照和各部门数据。",
            "",
        ]
    lines += _console_accounts(instance)
    lines += _desks(instance)
    return [*lines, "  按 Ctrl-C 停止 · press Ctrl-C to stop"]


def _console_accounts(instance: Instance) -> list[str]:
    """As whom to enter the console; the codes of the moment stand on its login page."""
    return [
        f"  控制台演示账号 demo accounts（密码均为 {instance.secrets['SST_DEMO_PASSWORD']}，",
        "  动态码显示在登录页）：",
        "    平台 platform   operator 运营  sysadmin 系统管理员  secadmin 安全管理员  auditor 审计",
        "    部门 systems    gd-yibao.clerk 经办  gd-yibao.head 负责人（其他部门同理）",
        "",
    ]


def _desks(instance: Instance) -> list[str]:
    """Where the departments of the sandbox take, correct and decide what is applied for."""
    desks = cast(dict[str, str], instance.systems().get("desks") or {})
    if not desks:
        return []
    lines = [f"    {name}  {address}" for name, address in desks.items()]
    lines = ["  部门办件窗口 department desks（受理、补正、审批，不用登录）：", *lines, ""]
    apps = cast(list[str], instance.systems().get("licence_apps") or [])
    for address in apps:
        lines += [f"  电子营业执照 licence app（显示登录用的执照码）  {address}", ""]
    return lines


def _failure(failed: ChildFailed) -> str:
    words = failed.last_line()
    if "No space left" in words or "disk is full" in words:
        return f"{failed.name}没有启动：磁盘已满，请清理后重试。(disk full)"
    detail = f"，日志见 {failed.log}：{words}" if failed.log else ""
    return f"{failed.name}没有完成（退出码 {failed.code}）{detail} (did not start)"
