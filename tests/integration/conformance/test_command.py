"""``shengshitong conform`` as a department runs it: no settings, no database, a key of its own."""

import asyncio
import os
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from aiohttp import web

from backend.conformance.service import read_key
from backend.sandbox.departments.registry import department
from backend.sandbox.departments.server import DepartmentServer
from backend.sandbox.departments.store import Store
from backend.sandbox.manifests import write_manifest
from backend.sandbox.subjects import subjects_of
from backend.upstream.keys import SigningKey
from tests.sandbox_world import HOUSEHOLD, TODAY, load, serving
from tests.servers import ROOT


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str


async def conform(folder: Path, *arguments: str) -> Ended:
    """Run the command in a folder of its own, with nothing of the platform in its environment."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("SST_")}
    env |= {"PYTHONPATH": str(ROOT), "SST_DATA_DIR": str(folder / "none"), "COLUMNS": "200"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway.cli", "conform", *arguments),
        cwd=folder,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return Ended(process.returncode or 0, out.decode(), err.decode())


@asynccontextmanager
async def serving_department(folder: Path, key: SigningKey) -> AsyncIterator[Path]:
    """A department that trusts that key; yields its manifest file."""
    found = department("gjj")
    await asyncio.to_thread(load, "gjj", folder / "gjj.db")
    own = SigningKey.from_seed(found.key_id, b"d" * 32, found.key_alg)
    store = Store(folder / "gjj.db")
    server = DepartmentServer(
        manifest=found.checked_manifest("http://127.0.0.1", own.public_base64),
        store=store,
        key=own,
        gateway_keys={key.key_id: key.public},
    )
    app: web.Application = server.app()
    subjects = subjects_of(found, [HOUSEHOLD], TODAY)
    async with serving(app) as url:
        yield write_manifest(found, url, own.public_base64, folder, subjects)
    store.close()


@pytest.mark.parametrize("alg", ["ed25519", "sm2"])
async def test_a_department_checks_itself_with_a_key_of_its_own(tmp_path: Path, alg: str) -> None:
    made = await conform(tmp_path, "--new-key", "conform.key", "--alg", alg)
    assert made.code == 0, made.err
    key_id, said_alg, public = made.out.split()
    key = read_key(tmp_path / "conform.key")
    assert (key.key_id, key.alg, key.public_base64) == (key_id, said_alg, public)
    assert stat.S_IMODE((tmp_path / "conform.key").stat().st_mode) == 0o600
    async with serving_department(tmp_path, key) as manifest:
        ended = await conform(
            tmp_path,
            *(str(manifest), "--key", "conform.key", "--junit", "out.xml", "--html", "out.html"),
        )
    assert ended.code == 0, ended.out + ended.err
    assert "通过 conforms" in ended.out
    suites = ElementTree.parse(tmp_path / "out.xml").getroot()  # noqa: S314 (our own)
    assert suites.get("failures") == "0"
    assert "✓ 通过" in (tmp_path / "out.html").read_text("utf-8")


async def test_what_is_wrong_is_printed_with_what_to_mend(tmp_path: Path) -> None:
    """A system that does not trust the key is a finding, not a crash: exit code 1."""
    assert (await conform(tmp_path, "--new-key", "conform.key")).code == 0
    stranger = SigningKey.from_seed("conform-x", b"x" * 32)
    async with serving_department(tmp_path, stranger) as manifest:
        ended = await conform(tmp_path, str(manifest), "--key", "conform.key")
        other = await conform(tmp_path, str(manifest), "--key", "conform.key", "--only", "x.y")
    assert ended.code == 1
    assert "signature.accepted" in ended.out
    assert read_key(tmp_path / "conform.key").public_base64 in ended.out
    assert "未通过 does not conform" in ended.out
    assert other.code == 2
    assert "conformance.operation_unknown" in other.err


@pytest.mark.parametrize(
    ("url", "words"),
    [("ftp://x", "网址"), ("127.0.0.1:80", "网址"), ("http://127.0.0.1:99999", "端口")],
)
async def test_an_address_that_is_none_is_said_instead_of_called(
    tmp_path: Path, url: str, words: str
) -> None:
    assert (await conform(tmp_path, "--new-key", "conform.key")).code == 0
    async with serving_department(tmp_path, read_key(tmp_path / "conform.key")) as manifest:
        ended = await conform(tmp_path, str(manifest), "--key", "conform.key", "--base-url", url)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert "conformance.address_unusable" in ended.err


async def test_the_address_and_the_subjects_can_be_given(tmp_path: Path) -> None:
    assert (await conform(tmp_path, "--new-key", "conform.key")).code == 0
    async with serving_department(tmp_path, read_key(tmp_path / "conform.key")) as manifest:
        document = yaml.safe_load(manifest.read_text("utf-8"))
        url = document["endpoints"]["sandbox"]["base_url"]
        document["endpoints"]["sandbox"]["base_url"] = "http://127.0.0.1:9"
        (tmp_path / "people.yaml").write_text(yaml.safe_dump(document.pop("conformance")))
        (tmp_path / "other.yaml").write_text(yaml.safe_dump(document), "utf-8")
        ended = await conform(
            tmp_path,
            *("other.yaml", "--key", "conform.key", "--base-url", url),
            *("--subjects", "people.yaml", "--all"),
        )
    assert ended.code == 0, ended.out + ended.err
    assert "pagination.complete" in ended.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "no manifest"),
        (("gone.yaml",), "exchange.manifest_refused"),
        (("manifest.yaml",), "no key"),
        (("manifest.yaml", "--key", "gone.key"), "conformance.key_unusable"),
        (("manifest.yaml", "--key", "manifest.yaml"), "conformance.key_unusable"),
        (("manifest.yaml", "--key", "bad.key"), "conformance.key_unusable"),
        (("manifest.yaml", "--key", "good.key", "--subjects", "gone.yaml"),
         "conformance.subjects_unusable"),
        (("manifest.yaml", "--key", "good.key", "--subjects", "bad.yaml"), "/holders/0/code"),
        (("--new-key", "good.key"), "已经存在"),
        (("--new-key", "gone/new.key"), "无法写入"),
    ],
)  # fmt: skip
async def test_what_keeps_it_from_running_is_said_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    found = department("gjj")
    own = SigningKey.from_seed(found.key_id, b"d" * 32, found.key_alg)
    written = write_manifest(found, "http://127.0.0.1:9", own.public_base64, tmp_path)
    written.rename(tmp_path / "manifest.yaml")
    (tmp_path / "bad.key").write_text("id: a\nalg: rsa\nprivate: AAAA\n")
    private = "ZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGQ="
    (tmp_path / "good.key").write_text(f"id: a\nalg: ed25519\nprivate: {private}\n")
    (tmp_path / "bad.yaml").write_text("holders: [{code_type: '111', code: 44 01, name: 王}]\n")
    ended = await conform(tmp_path, *arguments)
    assert ended.code == 2, ended.out + ended.err
    assert said in ended.err
    assert ended.err.count("\n") == 1
    assert "Traceback" not in ended.err
