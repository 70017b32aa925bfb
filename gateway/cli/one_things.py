"""The sandbox's 一件事, registered by the demo operator as any operator would."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.operators.service import Officer
    from backend.province import Province

FOLDER = Path(__file__).parents[2] / "backend/sandbox/one_things"


async def register_one_things(
    province: "Province", officers: "dict[str, Officer]", say: Callable[[str], None]
) -> None:
    """Register what lies in the sandbox's folder; what is the same stays as it is.

    Args:
        officers: the demo accounts by username.

    Raises:
        DefinitionRefused: an item is not what a new definition says of it.
    """
    import yaml

    from backend.one_thing.errors import DefinitionRefused

    if "operator" not in officers:
        return
    held = {one.thing.code for one in await province.one_things.register.registered()}
    names = []
    for file in sorted(FOLDER.glob("*.yaml")):
        document = yaml.safe_load(await asyncio.to_thread(file.read_text, "utf-8"))
        try:
            made = await province.one_things.register.publish(officers["operator"], document)
        except DefinitionRefused as refusal:
            if document["code"] not in held:
                raise
            # A department left or dropped an item: what is registered waits, and the rest goes on.
            why = refusal.errors[0]["message"]
            say(f"{document['name']}暂不能办理：{why} · paused")
        else:
            names.append(made.thing.name)
    say(f"一件事 {len(names)} 件：{'、'.join(names)} · one-things registered")
