"""What no two systems may register: codes by which people, departments and grants find one thing.

Read from the database, not from a worker's memory: two systems may publish within the two seconds
that a worker takes to hear of the first.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from backend.exchange.errors import CodesTaken, KeyTaken
from backend.exchange.manifest import Manifest
from backend.exchange.models import RegisteredSystem

# Part of the manifest → what it is called in messages.
PARTS = {"licence_types": "证照类型", "sections": "首页板块", "data_resources": "数据资源"}


async def refuse_taken(manifest: Manifest) -> None:
    """See that neither a key id nor a code of a manifest is another registered system's.

    Raises:
        KeyTaken: a key id is.
        CodesTaken: a licence type, a section or a data resource is, each with whose it is.
    """
    others = await _others(manifest.system.code)
    keys = {key.id for key in manifest.keys}
    for other in others:
        for key in other.get("keys", ()):
            if key["id"] in keys:
                raise KeyTaken(key["id"])
    if errors := _errors(manifest, others):
        raise CodesTaken(errors)


async def taken_codes(manifest: Manifest) -> list[dict[str, str]]:
    """Codes of a manifest that another registered system has.

    Returns:
        ``{"pointer", "element", "message"}`` for each, the message naming whose it is.
    """
    return _errors(manifest, await _others(manifest.system.code))


async def _others(code: str) -> Sequence[Mapping[str, Any]]:
    rows = RegisteredSystem.exclude(code=code).order_by("code")
    return [row.manifest for row in await rows.only("code", "manifest")]


def _errors(manifest: Manifest, others: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    found = []
    for part, element in PARTS.items():
        owners = {one["code"]: other["system"] for other in others for one in other.get(part, ())}
        for place, one in enumerate(getattr(manifest, part)):
            if owner := owners.get(one.code):
                whose = f"{owner['name']}（{owner['code']}）"
                message = f"{element}代码 {one.code} 已由{whose}登记，请换用本系统自己的代码"
                error = {"pointer": f"/{part}/{place}/code", "element": element}
                found.append({**error, "message": message})
    return found
