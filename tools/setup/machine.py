"""What the machine must have before anything is installed."""

import importlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools.setup.messages import ROOT, Stop

OLDEST_NODE = 20
MODULES = {
    "venv": "python3-venv",
    "ensurepip": "python3-venv",
    "ssl": "libssl-dev",
    "sqlite3": "libsqlite3-dev",
    "ctypes": "libffi-dev",
}
GIB = 1024**3


def need_python_modules() -> None:
    """Parts of the standard library that distributions split off or builds leave out.

    Raises:
        Stop: one is missing; the message names the Debian package that brings it.
    """
    for module, package in MODULES.items():
        try:
            importlib.import_module(module)
        except ImportError:
            raise Stop(
                f"这个 Python 缺少 {module} 模块。Debian/Ubuntu 请执行 apt install {package};"
                f"自行编译的 Python 请装好该库后重新编译。(Python lacks {module})"
            ) from None


def need_node() -> str:
    """The version of Node.js, at least 20, with npm beside it.

    Raises:
        Stop: Node.js or npm is missing or too old.
    """
    version = _output("node", "--version").lstrip("v")
    major = version.partition(".")[0]
    if not version or not major.isdigit():
        raise Stop("需要 Node.js 20 或更新版本（含 npm），没有找到 node。(Node.js >= 20 needed)")
    if int(major) < OLDEST_NODE:
        raise Stop(f"需要 Node.js 20 或更新版本，当前是 {version}，请升级。(Node.js >= 20 needed)")
    if shutil.which("npm") is None:
        raise Stop("没有找到 npm，请安装（Debian：apt install npm）。(npm not found)")
    return version


def _output(*command: str) -> str:
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def need_disk(free_bytes: int, folder: Path = ROOT) -> None:
    """A folder that can be written to, with room.

    Raises:
        Stop: it is read-only, belongs to somebody else, or is too full.
    """
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Stop(
            f"不能在 {folder} 写入文件（{os.strerror(error.errno or 0)}）。"
            "请检查权限、是否只读或已满，或换一个目录。(folder cannot be written)"
        ) from None
    free = shutil.disk_usage(folder).free
    if free < free_bytes:
        raise Stop(
            f"磁盘空间不足：{folder} 只剩 {free / GIB:.2f} GB，需要 {free_bytes / GIB:.2f} GB。"
            "请清理后重试。(disk too full)"
        )
