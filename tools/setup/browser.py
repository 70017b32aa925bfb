"""Chromium and Chinese fonts for the tests that look at pages, from Debian's packages."""

import os
import shutil
import subprocess

from tools.setup.messages import Stop, step


def ensure_browser() -> None:
    """Install what is missing, where that is allowed.

    Raises:
        Stop: it is missing and only the person can install it; the message is the one command.
    """
    missing = _missing()
    if not missing:
        return
    command = f"apt-get install -y --no-install-recommends {' '.join(missing)}"
    if shutil.which("apt-get") is None:
        raise Stop(
            "浏览器测试需要 Chromium（命令 chromium）和思源黑体（Noto CJK）字体，"
            "请用系统的包管理器安装。(Chromium and Noto CJK fonts needed)"
        )
    if os.geteuid() != 0:
        raise Stop(f"浏览器测试缺少软件包，请执行：sudo {command} (packages missing)")
    with step(f"正在安装浏览器与字体 · {command}"):
        _apt("update", "-q")
        _apt(*command.split()[1:])
    if still := _missing():
        raise Stop(f"安装后仍缺少 {' '.join(still)}，请手工检查。(still missing)")


def _missing() -> list[str]:
    missing = []
    if shutil.which("chromium") is None and shutil.which("chromium-browser") is None:
        missing.append("chromium")
    if shutil.which("fc-list") is None:
        missing.append("fontconfig")
    if not _has_chinese_font():
        missing.append("fonts-noto-cjk")
    return missing


def _has_chinese_font() -> bool:
    if shutil.which("fc-list") is None:
        return False
    done = subprocess.run(
        ["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False
    )
    return bool(done.stdout.strip())


def _apt(*arguments: str) -> None:
    done = subprocess.run(
        ["apt-get", *arguments],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        words = " ".join(done.stderr.split())[-300:]
        raise Stop(f"apt-get {' '.join(arguments)} 失败：{words} (apt-get failed)")
