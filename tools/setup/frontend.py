"""The front end: packages from its lock file, and builds only when a source changed."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.setup import stamps
from tools.setup.machine import GIB, need_disk, need_node
from tools.setup.messages import ROOT, Stop, step

MINIPROGRAM = ROOT / "miniprogram"
HARNESS = MINIPROGRAM / "harness"
NOT_SOURCES = frozenset({"node_modules", "dist", "harness", "tests"})
WORDS_OF_FAILURE = 300


@dataclass(frozen=True)
class Build:
    """One product of the front end.

    Attributes:
        script: the npm script that makes it.
        result: a file that is there when it was made.
    """

    title: str
    script: str
    result: Path


H5 = Build(
    "正在构建网页版 · building the h5 front end",
    "build:h5",
    MINIPROGRAM / "dist" / "build" / "h5" / "index.html",
)
DOCS = Build(
    "正在准备接口文档 · preparing the API explorer",
    "build:docs",
    MINIPROGRAM / "dist" / "docs" / "swagger-ui-bundle.js",
)
VERIFIER = Build(
    "正在构建核验页 · building the verifier page",
    "build:verifier",
    MINIPROGRAM / "dist" / "verifier" / "index.html",
)
FONTS = Build(
    "正在准备证照字体 · preparing the typeface of licence faces",
    "build:fonts",
    MINIPROGRAM / "dist" / "fonts" / "NotoSansSC_400Regular.ttf",
)

PAGES = (H5, DOCS, VERIFIER, FONTS)


def ensure_packages(folder: Path) -> None:
    """Install what ``package-lock.json`` names, when it changed since the last time.

    Raises:
        Stop: Node.js or npm is missing, or a package could not be installed.
    """
    stamp = folder / "node_modules" / "shengshitong.stamp"
    wanted = {"lock": stamps.digest([folder / "package-lock.json", folder / "package.json"])}
    if stamps.read(stamp) == wanted:
        return
    need_node()
    need_disk(GIB)
    name = folder.relative_to(ROOT)
    with step(f"正在安装前端依赖 · npm ci in {name}"):
        _npm(folder, "ci", "--no-audit", "--no-fund")
    stamps.write(stamp, wanted)


def ensure_builds(*builds: Build) -> None:
    """Make the builds whose sources changed or whose result is gone.

    Raises:
        Stop: a build failed; the message carries its last words.
    """
    sources = stamps.digest(stamps.files_below(MINIPROGRAM, NOT_SOURCES))
    stamp = MINIPROGRAM / "dist" / "shengshitong.stamp"
    made = stamps.read(stamp)
    for build in builds:
        if made.get(build.script) == sources and build.result.exists():
            continue
        ensure_packages(MINIPROGRAM)
        with step(build.title):
            _npm(MINIPROGRAM, "run", build.script)
        made[build.script] = sources
        stamps.write(stamp, made)


def _npm(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        ["npm", *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        words = _complaint(done.stdout)
        raise Stop(
            f"npm {' '.join(arguments)} 在 {folder} 失败：{words}。"
            "请检查网络与磁盘后重试。(npm failed)"
        )


def _complaint(output: str) -> str:
    """The telling lines of npm's output: its own errors first, else its last words."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("npm error").strip() for line in lines if "error" in line.lower()]
    return " ".join(filter(None, errors or lines[-3:]))[:WORDS_OF_FAILURE]
