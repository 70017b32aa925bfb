"""What has to hold for the Kubernetes list, which no cluster reads here."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
LIST: dict[str, Any] = yaml.safe_load((ROOT / "docker" / "kubernetes.yaml").read_text("utf-8"))
THINGS = {(one["kind"], one["metadata"]["name"]): one for one in LIST["items"]}
PODS = {
    name: one["spec"]["template"]
    for (_, name), one in THINGS.items()
    if "template" in one.get("spec", {})
}
SETTINGS = (ROOT / "backend" / "settings.py").read_text(encoding="utf-8")


def test_names_are_unlike_and_every_part_is_there() -> None:
    assert len(THINGS) == len(LIST["items"])
    assert PODS.keys() == {"shengshitong-prepare", "shengshitong-gateway", "shengshitong-worker"}


@pytest.mark.parametrize("name", sorted(PODS))
def test_a_pod_may_do_nothing_that_it_need_not(name: str) -> None:
    spec = PODS[name]["spec"]
    (box,) = spec["containers"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 10001
    assert box["securityContext"]["readOnlyRootFilesystem"] is True
    assert box["securityContext"]["allowPrivilegeEscalation"] is False
    assert box["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert "memory" in box["resources"]["limits"]


@pytest.mark.parametrize("name", sorted(PODS))
def test_a_pod_runs_a_command_of_the_image_at_a_fixed_version(name: str) -> None:
    from typer.main import get_command

    from gateway.cli.commands import app

    (box,) = PODS[name]["spec"]["containers"]
    command: Any = get_command(app)
    assert box["args"][0] in command.commands
    assert re.search(r":\d", box["image"])
    mounted = {mount["mountPath"] for mount in box["volumeMounts"]}
    assert mounted == {"/data", "/tmp"}  # noqa: S108 (folders of a container)


def test_selectors_find_their_pods() -> None:
    for kind, name in THINGS:
        spec = THINGS[kind, name].get("spec", {})
        wanted = spec.get("selector") or {}
        wanted = wanted.get("matchLabels", wanted)
        labels = [pod["metadata"]["labels"] for pod in PODS.values()]
        assert not wanted or any(wanted.items() <= each.items() for each in labels), (kind, name)
    assert {name for kind, name in THINGS if kind == "HorizontalPodAutoscaler"} <= PODS.keys()


def test_what_the_config_map_sets_is_a_setting_and_no_secret() -> None:
    settings = set(re.findall(r'"((?:SST|WECHAT)_[A-Z0-9_]+|[A-Z]+_URL)"', SETTINGS))
    given = THINGS["ConfigMap", "shengshitong"]["data"].keys()
    assert given <= settings
    assert not [name for name in given if re.search(r"KEY|SECRET|TOKEN|PASSWORD", name)]


def test_a_gateway_is_not_started_anew_because_a_store_is_away() -> None:
    (gateway,) = PODS["shengshitong-gateway"]["spec"]["containers"]
    assert "tcpSocket" in gateway["livenessProbe"]
    assert gateway["readinessProbe"]["httpGet"]["path"] == "/healthz"
