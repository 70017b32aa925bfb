"""Data resources of a department, answered from its own file (``resources.query``).

``resources.yaml`` says for each resource what it is read from: ``fact: housing_fund`` is a register
entry, ``licence: 结婚证`` the newest licence of that type with the facts on its face.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from backend.exchange.manifest import Manifest
from backend.sandbox.departments import inputs
from backend.sandbox.departments.licences import status_on
from backend.sandbox.departments.registry import department, licence_type_codes
from backend.sandbox.departments.store import Store, StoredHolder, StoredLicence
from backend.sandbox.problems import Refusal

FindHolder = Callable[[inputs.HolderInput], StoredHolder | None]
STATUS_WORDS = {
    "VALID": "有效",
    "SUSPENDED": "暂扣",
    "LOST": "挂失",
    "EXPIRED": "过期失效",
    "REVOKED": "撤销",
    "CANCELLED": "注销",
    "FORFEITED": "吊销",
    "SUPERSEDED": "已换发",
    "TRANSFERRED": "转出",
}


class ResourceDesk:
    """Answers for the resources of one department."""

    def __init__(self, store: Store, manifest: Manifest) -> None:
        self._store = store
        here = department(manifest.system.department.code)
        self._sources: dict[str, dict[str, str]] = {
            resource["code"]: resource["source"] for resource in here.resources
        }
        self._items = {
            resource.code: {item.name for item in resource.items}
            for resource in manifest.data_resources
        }

    def page(self, query: inputs.ResourceInput, find: FindHolder, today: date) -> dict[str, Any]:
        """A page of items for the subjects of a query.

        Raises:
            Refusal: the resource, one of the fields or the cursor is not known here.
        """
        source = self._sources.get(query.resource)
        if source is None:
            raise _refusal("resource_unknown", "/resource", "not a resource of this system")
        for place, name in enumerate(query.fields):
            if name not in self._items[query.resource]:
                raise _refusal("field_unknown", f"/fields/{place}", "not an item of this resource")
        first = _offset(query)
        last = min(first + query.limit, len(query.subjects))
        items = []
        for place in range(first, last):
            record = self._record(find(query.subjects[place]), source, today)
            chosen = {name: record.get(name) for name in query.fields} if record else None
            items.append({"subject": place, "record": chosen})
        return {"items": items, "next_cursor": str(last) if last < len(query.subjects) else None}

    def _record(
        self, stored: StoredHolder | None, source: dict[str, str], today: date
    ) -> dict[str, Any] | None:
        if stored is None:
            return None
        if "fact" in source:
            return self._store.fact(stored.id, source["fact"])
        code = licence_type_codes()[source["licence"]]
        found = [one for one in self._store.licences(stored.id) if one.type_code == code]
        if not found:
            return None
        # Of joint licences (births), the one about the person themselves comes first.
        own = [one for one in found if one.holders and one.holders[0][1] == stored.holder.code]
        return _face(max(own or found, key=lambda one: one.issued), today)


def _face(licence: StoredLicence, today: date) -> dict[str, Any]:
    return {
        **licence.extra,
        "number": licence.number,
        "issued_on": licence.issued,
        "valid_from": licence.valid_from,
        "valid_to": licence.valid_to,
        "status": STATUS_WORDS[status_on(licence, today)],
    }


def _offset(query: inputs.ResourceInput) -> int:
    if query.cursor is None:
        return 0
    if not query.cursor.isdecimal() or int(query.cursor) >= len(query.subjects):
        raise _refusal("cursor_unknown", "/cursor", "not a cursor of this query")
    return int(query.cursor)


def _refusal(code: str, pointer: str, message: str) -> Refusal:
    return Refusal(
        400,
        f"provider.{code}",
        "The query does not fit this system",
        errors=[{"pointer": pointer, "message": message}],
    )
