"""What the published interface says of each operation, as the connector goes by it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

# libyaml's loader, where PyYAML was built with it, takes a tenth of the time.
_Loader: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SAFE = "x-safe-to-repeat"
_SHARED = "urn:shengshitong:provider-interface"


@dataclass(frozen=True, slots=True)
class Contract:
    """One operation of the provider interface.

    Attributes:
        safe: carrying it out twice does nothing that once did not (``x-safe-to-repeat``).
        is_valid: whether an answer, read from its JSON, is of the operation's schema.
    """

    safe: bool
    is_valid: Callable[[Any], bool]


@cache
def provider_interface() -> str:
    """The interface that a provincial system implements: OpenAPI 3.1 in YAML."""
    return Path(__file__).with_name("provider_interface.yaml").read_text("utf-8")


@cache
def contracts() -> Mapping[str, Contract]:
    """Every operation by its name."""
    document: dict[str, Any] = yaml.load(provider_interface(), Loader=_Loader)  # noqa: S506 (safe)
    operations = [path["post"] for path in document["paths"].values() if "post" in path]
    # All validators read one document: each with the components of its own took 6 MB more.
    shared = {
        "components": document["components"],
        "answers": {each["operationId"]: _answer(each) for each in operations},
    }
    registry = jsonschema_rs.Registry([(_SHARED, shared)], draft=jsonschema_rs.Draft202012)
    return {each["operationId"]: _contract(each, registry) for each in operations}


def _answer(operation: dict[str, Any]) -> Any:
    return operation["responses"]["200"]["content"]["application/json"]["schema"]


def _contract(operation: dict[str, Any], registry: jsonschema_rs.Registry) -> Contract:
    schema = {"$ref": f"{_SHARED}#/answers/{operation['operationId']}"}
    validator = jsonschema_rs.Draft202012Validator(schema, registry=registry)
    return Contract(bool(operation.get(_SAFE)), validator.is_valid)
