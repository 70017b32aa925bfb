"""The virtual environment, made from a hash-pinned lock file and only when that changed."""

import platform
import shutil
import subprocess
import venv
from pathlib import Path

from tools.setup import stamps
from tools.setup.machine import GIB, need_disk, need_python_modules
from tools.setup.messages import ROOT, Progress, Stop, step

VENV = ROOT / ".venv"
STAMP = VENV / "shengshitong.stamp"
PYTHON = VENV / "bin" / "python"
COMMAND = VENV / "bin" / "shengshitong"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}


def ensure_environment(kind: str) -> None:
    """Make ``.venv`` hold the packages of ``requirements.lock`` (run) or of the dev lock.

    Args:
        kind: ``run`` or ``dev``; what ``dev`` installed also serves ``run``.

    Raises:
        Stop: the machine lacks something, or a package could not be installed.
    """
    wanted = {name: _lock_digest(name) for name in LOCKS}
    held = stamps.read(STAMP) if PYTHON.exists() else {}
    if held.get("dev") == wanted["dev"] or (kind == "run" and held.get("run") == wanted["run"]):
        return
    need_python_modules()
    need_disk(GIB)
    if not _venv_is_whole():
        _make_venv()
    _install(LOCKS[kind])
    _link_project()
    stamps.write(STAMP, {kind: wanted[kind]})


def _lock_digest(kind: str) -> str:
    try:
        return stamps.digest([LOCKS[kind]], platform.python_version(), str(ROOT))
    except OSError as error:
        raise Stop(f"缺少 {error.filename}，请重新克隆或执行 make lock。(missing lock)") from None


def _venv_is_whole() -> bool:
    """Whether a venv of this very Python is there and its pip starts."""
    if not PYTHON.exists():
        return False
    test = "import pip, platform; print(platform.python_version())"
    done = subprocess.run([PYTHON, "-c", test], capture_output=True, text=True, check=False)
    return done.stdout.strip() == platform.python_version()


def _make_venv() -> None:
    with step("正在创建 Python 虚拟环境 · creating .venv"):
        try:
            venv.EnvBuilder(clear=True, with_pip=True, symlinks=True).create(VENV)
        except (OSError, subprocess.CalledProcessError) as error:
            shutil.rmtree(VENV, ignore_errors=True)
            raise Stop(
                f"无法创建虚拟环境 .venv:{error}。Debian/Ubuntu 请执行 apt install python3-venv"
                " 后重试。(cannot create .venv)"
            ) from None


def _install(lock: Path) -> None:
    total = sum("==" in line for line in lock.read_text(encoding="utf-8").splitlines())
    command = [
        *(str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"),
        *("--require-hashes", "--only-binary", ":all:", "--progress-bar", "off"),
        *("-r", str(lock)),
    ]
    with step(f"正在安装 Python 依赖 · installing {total} Python packages") as progress:
        output = _follow(command, progress, total)
        if output is not None:
            raise Stop(f"安装 Python 依赖失败：{output}。请检查网络后重试。(pip failed)")


def _follow(command: list[str], progress: Progress, total: int) -> str | None:
    """Run pip, counting packages; None when it succeeded, else its last error."""
    seen, errors = 0, [""]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    ) as process:
        for line in process.stdout or ():
            if line.startswith(("Collecting ", "Requirement already")):
                seen += 1
                progress.note(f"{seen}/{total} {line.split('==')[0].split()[-1]}")
            elif line.startswith("Installing collected"):
                progress.note("解压与安装 · unpacking")
            elif line.startswith("ERROR"):
                errors.append(line.removeprefix("ERROR:").strip())
    if process.returncode == 0:
        return None
    return " ".join(errors[1:3]) or f"pip 退出码 {process.returncode}"


def _link_project() -> None:
    """Install the project itself as it lies here, with the build system that the lock pins."""
    command = [
        *(str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"),
        *("--quiet", "--no-index", "--no-deps", "--no-build-isolation"),
        # A plain path file: other ways of editing in place slow down every import.
        *("--config-settings", "editable_mode=compat", "--editable", "."),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        words = " ".join(done.stderr.split())[-300:]
        raise Stop(f"安装本项目失败：{words} (cannot install the project)")
