"""The OpenAPI 3.1 description, made from the declared endpoints."""

import re
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from backend.errors import DomainError
from gateway.edge.access import Access, Person, Public, Staff
from gateway.edge.endpoint import Endpoint
from gateway.edge.problems import STATUS

_PARAMETER = re.compile(r"<(\w+)(?::\w+)?>")
_JSON = "application/json"
_PROBLEM_JSON = "application/problem+json"


class Problem(BaseModel):
    """RFC 9457 problem; some carry more members, named in the example of their code."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    trace_id: str | None = None


def describe(endpoints: list[Endpoint], version: str) -> dict[str, Any]:
    """The whole description as a document.

    Args:
        endpoints: as declared; version: of the interface.
    """
    refs, schemas = _schemas(endpoints)
    paths: dict[str, dict[str, Any]] = {}
    for made in endpoints:
        path = _PARAMETER.sub(r"{\1}", made.path)
        paths.setdefault(path, {})[made.method.lower()] = _operation(made, refs)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "省事通 Shengshitong",
            "version": version,
            "description": "省级政务服务超级应用的开放接口。Every refusal is an RFC 9457 problem.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _SECURITY},
    }


_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "the same for every repetition of one request, which is carried out once",
    "schema": {"type": "string", "pattern": r"^[\x21-\x7e]{8,128}$"},
}
_SECURITY = {
    "session": {"type": "http", "scheme": "bearer", "description": "access_token of a session"},
    "officer": {
        "type": "http",
        "scheme": "bearer",
        "description": "access_token of a console session",
    },
    "system": {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": "RFC 9421 signature of a registered system; see provider_interface.yaml",
    },
}


def _schemas(endpoints: list[Endpoint]) -> tuple[dict[Any, Any], dict[str, Any]]:
    wanted: list[tuple[type[BaseModel], Any]] = [(Problem, "serialization")]
    for made in endpoints:
        wanted += [(model, "validation") for model in (made.body,) if model is not None]
        wanted += [(made.answer, "serialization")] if made.answer is not None else []
    unique = list(dict.fromkeys(wanted))
    refs, document = models_json_schema(unique, ref_template="#/components/schemas/{model}")
    return refs, document["$defs"]


def _operation(made: Endpoint, refs: dict[Any, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": made.name.replace(".", "_"),
        "summary": made.summary,
        "tags": [made.path.split("/")[3] if made.path.startswith("/api/") else "gateway"],
        "parameters": _parameters(made),
        "responses": {**_success(made, refs), **_refusals(made, refs)},
    }
    if not isinstance(made.access, Public):
        operation["security"] = [{_scheme(made.access): []}]
    if isinstance(made.access, Person):
        operation["x-required-level"] = int(made.access.level)
    if isinstance(made.access, Staff):
        operation["x-roles"] = sorted(made.access.roles)
    if made.body is not None:
        schema = refs[(made.body, "validation")]
        operation["requestBody"] = {"required": True, "content": {_JSON: {"schema": schema}}}
    return operation


def _scheme(access: Access) -> str:
    if isinstance(access, Person):
        return "session"
    return "officer" if isinstance(access, Staff) else "system"


def _parameters(made: Endpoint) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(made.path)
    ]
    if made.keyed:
        found.append(_KEY)
    if made.query is not None:
        schema = made.query.model_json_schema()
        required = schema.get("required", [])
        found += [
            {"name": name, "in": "query", "required": name in required, "schema": part}
            for name, part in schema["properties"].items()
        ]
    return found


def _success(made: Endpoint, refs: dict[Any, Any]) -> dict[str, Any]:
    if made.answer is not None:
        schema: dict[str, Any] = refs[(made.answer, "serialization")]
        return {str(made.status): {"description": "OK", "content": {_JSON: {"schema": schema}}}}
    if made.media_type == _JSON:
        return {"204": {"description": "Done"}}
    content: dict[str, Any] = {kind: {} for kind in made.media_type.split(", ")}
    return {"200": {"description": "OK", "content": content}}


def _refusals(made: Endpoint, refs: dict[Any, Any]) -> dict[str, Any]:
    by_status: dict[str, list[type[DomainError]]] = {}
    for error in made.errors:
        by_status.setdefault(str(STATUS[error.kind]), []).append(error)
    schema = refs[(Problem, "serialization")]
    return {
        status: {
            "description": "; ".join(error.title for error in errors),
            "content": {
                _PROBLEM_JSON: {
                    "schema": schema,
                    "examples": {error.code: {"value": _example(error)} for error in errors},
                }
            },
        }
        for status, errors in sorted(by_status.items())
    }


def _example(error: type[DomainError]) -> dict[str, Any]:
    return {
        "type": f"urn:shengshitong:problem:{error.code}",
        "title": error.title,
        "status": STATUS[error.kind],
        "detail": error.detail if isinstance(error.detail, str) else "",
        "code": error.code,
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
    }
