"""The departments of the sandbox province: one folder each, found by looking, never named in code.

A folder has ``department.yaml`` (who it is), ``manifest.yaml`` (what it registers, without address
and keys), ``items.yaml`` (its service items), ``resources.yaml`` (the data that it shares),
``divisions.yaml`` (items of others that it accepts or decides), ``policies.yaml``,
``contacts.yaml`` (whom enterprises may call) and ``records.py`` with ``files(household, today)``.
"""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from backend.exchange.documents import read_yaml
from backend.exchange.manifest import Manifest, parse_manifest
from backend.sandbox.departments.loader import Records
from backend.upstream.signing import KeyKind, sm2_available

FOLDER = Path(__file__).parent
LATENCY_FILE = FOLDER / "latency.yaml"
LICENCE_TYPES_FILE = FOLDER / "licence_types.yaml"
HOME_REGION = "440000"


@dataclass(frozen=True, slots=True)
class Department:
    """A department's folder, read.

    Attributes:
        described: ``department.yaml``.
        template: ``manifest.yaml``.
    """

    code: str
    folder: Path
    described: dict[str, Any]
    template: dict[str, Any]

    @property
    def system_code(self) -> str:
        """The code under which its system registers, ``gd-gongan``."""
        return f"gd-{self.code}"

    @property
    def key_id(self) -> str:
        """The id of the key that it signs with."""
        return f"{self.system_code}-1"

    @property
    def key_alg(self) -> KeyKind:
        """The kind of that key; Ed25519 unless the department says otherwise.

        The sandbox runs on machines without SM2, too: all departments use Ed25519 there.
        """
        wanted = cast("KeyKind", self.described.get("key_alg", "ed25519"))
        return wanted if wanted == "ed25519" or sm2_available() else "ed25519"

    @property
    def items_path(self) -> Path:
        """Its service items."""
        return self.folder / "items.yaml"

    def records(self) -> Records:
        """The function that says which files the department keeps on a household."""
        module = import_module(f"{__package__}.{self.code}.records")
        return cast("Records", module.files)

    def manifest(self, base_url: str, public_key: str, with_items: bool = True) -> dict[str, Any]:
        """The manifest as it is registered.

        Args:
            base_url: where its server answers; public_key: base64 of its key.
            with_items: False leaves the service items out (its own server does not need them).
        """
        template = dict(self.template)
        types = [self._licence_type(kind) for kind in template.pop("licence_types")]
        template.pop("service_items")
        has_items = with_items and self.items_path.exists()
        return {
            "manifest_version": 2,
            "system": self._system(),
            "endpoints": {"sandbox": {"base_url": base_url}, "production": {"base_url": base_url}},
            "keys": [{"id": self.key_id, "alg": self.key_alg, "public": public_key}],
            **template,
            "licence_types": types,
            "data_resources": [
                {name: part for name, part in resource.items() if name != "source"}
                for resource in self.resources
            ],
            "service_items": read_yaml(self.items_path) if has_items else [],
        }

    def checked_manifest(self, base_url: str, public_key: str) -> Manifest:
        """The manifest without its items, read as the platform reads it.

        Raises:
            ManifestRefused: the template is wrong.
        """
        return parse_manifest(self.manifest(base_url, public_key, with_items=False), self.code)

    def type_codes(self) -> dict[str, str]:
        """Code of each licence type that the department issues, by its name."""
        return {kind["name"]: licence_type_codes()[kind["name"]] for kind in self.licence_types}

    @property
    def licence_types(self) -> list[dict[str, Any]]:
        """The licence types of the template."""
        found: list[dict[str, Any]] = self.template["licence_types"]
        return found

    @property
    def resources(self) -> list[dict[str, Any]]:
        """``resources.yaml``: its data resources, each with the ``source`` that it is read from."""
        return _resources(self.folder / "resources.yaml")

    @property
    def divisions(self) -> list[dict[str, str]]:
        """``divisions.yaml``: items of other departments (``of``) that it accepts or decides."""
        path = self.folder / "divisions.yaml"
        return cast("list[dict[str, str]]", read_yaml(path)) if path.exists() else []

    @property
    def policies(self) -> list[dict[str, Any]]:
        """``policies.yaml``: the policies that its officers publish."""
        path = self.folder / "policies.yaml"
        return cast("list[dict[str, Any]]", read_yaml(path)) if path.exists() else []

    @property
    def contacts(self) -> list[dict[str, Any]]:
        """``contacts.yaml``: the 服务专员 that its head appoints."""
        path = self.folder / "contacts.yaml"
        return cast("list[dict[str, Any]]", read_yaml(path)) if path.exists() else []

    def _system(self) -> dict[str, Any]:
        who = self.described
        return {
            "code": self.system_code,
            "name": f"{who['name']}政务服务系统",
            "short_name": who["short_name"],
            "department": {"code": self.code, "name": who["name"], "uscc": who["uscc"]},
            "region_code": HOME_REGION,
            "level": 2,
            "hotline": who["hotline"],
        }

    def _licence_type(self, kind: dict[str, Any]) -> dict[str, Any]:
        code = licence_type_codes()[kind["name"]]
        definer = {"name": kind.get("definer", self.described["name"]), "code": code[:18]}
        return {**kind, "code": code, "definer": definer}


@cache
def _resources(path: Path) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", read_yaml(path)) if path.exists() else []


@cache
def licence_type_codes() -> dict[str, str]:
    """Code of every licence type of the province, by name."""
    return cast("dict[str, str]", read_yaml(LICENCE_TYPES_FILE))


@cache
def departments() -> tuple[Department, ...]:
    """All departments, ordered by code."""
    return tuple(
        Department(
            code=folder.name,
            folder=folder,
            described=read_yaml(folder / "department.yaml"),
            template=read_yaml(folder / "manifest.yaml"),
        )
        for folder in sorted(FOLDER.iterdir())
        if (folder / "manifest.yaml").exists()
    )


def department(code: str) -> Department:
    """The department of that code.

    Raises:
        KeyError: there is none.
    """
    return next((found for found in departments() if found.code == code), None) or _unknown(code)


def _unknown(code: str) -> Department:
    known = "、".join(found.code for found in departments())
    raise KeyError(f"no department {code!r}; there are {known}")
