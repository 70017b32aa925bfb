"""What has to hold for the compose file; ``make docker-check`` lets Docker itself read it."""

import base64
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
SETTINGS = (ROOT / "backend" / "settings.py").read_text(encoding="utf-8")
OURS = {name for name, service in SERVICES.items() if "build" in service}
CONDITIONS = {"service_healthy", "service_completed_successfully"}


def test_two_gateways_stand_behind_the_proxy_and_nothing_else_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    config = (ROOT / "docker" / "nginx.conf").read_text(encoding="utf-8")
    upstreams = re.findall(r"server (\S+):8000", config)
    assert upstreams == ["gateway-1", "gateway-2"]
    assert set(upstreams) <= SERVICES.keys()


def test_every_part_of_the_platform_is_there() -> None:
    assert {"gateway-1", "gateway-2", "worker", "prepare", "sandbox"} == OURS
    assert {"postgres", "valkey", "proxy"} == SERVICES.keys() - OURS


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - {"prepare"}))
def test_every_service_that_stays_has_a_health_check(name: str) -> None:
    assert "healthcheck" in SERVICES[name] or (name in OURS and "HEALTHCHECK" in DOCKERFILE)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_service_runs_as_root(name: str) -> None:
    user = str(SERVICES[name].get("user", "10001:10001" if name in OURS else "0"))
    assert int(user.partition(":")[0]) != 0


def test_the_image_gives_up_root_before_its_command() -> None:
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    assert final.index("\nUSER 10001") < final.index("\nENTRYPOINT")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_whoever_is_waited_for_exists_and_is_waited_for_properly(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert other in SERVICES
        assert how["condition"] in CONDITIONS


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_volumes_are_declared(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        source = volume.partition(":")[0]
        assert source in COMPOSE["volumes"] or (ROOT / "docker" / source).exists()


def test_images_of_others_are_pinned_to_a_version() -> None:
    for name in SERVICES.keys() - OURS:
        assert re.search(r":\d", SERVICES[name]["image"]), name
    assert all(re.search(r":\d", image) for image in re.findall(r"^FROM (\S+)", DOCKERFILE, re.M))


def test_every_secret_comes_from_the_environment_and_its_lack_is_refused() -> None:
    for name in ("SST_KEYRING", "SST_INDEX_KEY", "SST_SIGNING_KEY"):
        assert COMPOSE["x-environment"][name].startswith(f"${{{name}:?")
    for name in ("POSTGRES_PASSWORD", "VALKEY_PASSWORD"):
        assert f"${{{name}:?" in TEXT
        assert f"${{{name}}}" not in TEXT


def test_the_commands_of_our_image_exist() -> None:
    from typer.main import get_command

    from gateway.cli.commands import app

    command: Any = get_command(app)
    for name in OURS:
        assert SERVICES[name]["command"][0] in command.commands, name


def test_what_people_hand_in_is_found_by_both_gateways_and_the_worker() -> None:
    shared = [
        volume
        for name in ("gateway-1", "gateway-2", "worker")
        for volume in SERVICES[name]["volumes"]
        if volume.endswith(":/data/cases")
    ]
    assert shared == ["materials:/data/cases"] * 3
    # A named volume takes its owner from the image.
    assert "10001 /data /data/manifests /data/sandbox /data/cases" in DOCKERFILE


# What the image itself knows.
OF_THE_IMAGE = {
    "SST_HOST", "SST_PORT", "SST_DATA_DIR", "SST_MANIFESTS", "SST_H5_DIR", "SST_DOCS_DIR",
    "SST_VERIFIER_PAGE", "SST_FONTS_DIR",
}  # fmt: skip


def test_every_setting_reaches_the_containers() -> None:
    asked = set(re.findall(r'"((?:SST|WECHAT)_[A-Z0-9_]+|[A-Z]+_URL)"', SETTINGS))
    assert len(asked) > 30
    assert COMPOSE["x-environment"].keys() == asked - OF_THE_IMAGE


def test_the_settings_of_an_empty_environment_are_readable() -> None:
    """What compose passes on where nobody set anything."""
    secret = base64.b64encode(b"k" * 32).decode()
    given = {"SST_KEYRING": f"k:{secret}", "SST_INDEX_KEY": secret, "SST_SIGNING_KEY": secret}
    environ = {
        name: given.get(name, re.sub(r"\$\{[A-Z_0-9]+:-([^{}]*)\}", r"\1", str(value)))
        for name, value in COMPOSE["x-environment"].items()
    }
    environ["SST_PUBLIC_URL"] = re.sub(r"\$\{[A-Z_]+:-(.*)\}", r"\1", environ["SST_PUBLIC_URL"])
    settings = Settings.from_environ(environ)
    assert settings.public_url == "http://localhost:8000"
    assert (settings.cipher, settings.home_region) == ("aes-gcm", "440000")


def test_the_proxy_lets_through_whatever_a_gateway_reads() -> None:
    from gateway.app import REQUEST_LIMIT

    config = (ROOT / "docker" / "nginx.conf").read_text(encoding="utf-8")
    (most,) = re.findall(r"client_max_body_size (\d+)m;", config)
    assert int(most) * 1024 * 1024 == REQUEST_LIMIT
