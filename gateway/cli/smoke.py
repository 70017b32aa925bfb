"""``shengshitong smoke``: a fresh instance on free ports, the main journey, one JSON line."""

import json
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from backend.store.embedded import free_port
from gateway.cli.instance import CannotRun, Instance, Population
from gateway.cli.journey import Deviation, Journey
from gateway.cli.run import Stopped, started

PEOPLE, ENTERPRISES = 200, 40


def smoke(keep: bool) -> int:
    """Drive the journey.

    Args:
        keep: leave the folder of the instance, with its logs, for whoever wants to look.

    Returns:
        0 when every answer was as it should be, else 1; the JSON line says which was not.
    """
    folder = Path(tempfile.mkdtemp(prefix="sst-smoke-"))
    began = time.monotonic()
    result: dict[str, Any] = {"smoke": "ok"}
    try:
        result |= _drive(folder)
    except (Deviation, CannotRun, Stopped) as error:
        result |= {"smoke": "failed", "reason": str(error) or "interrupted"}
    result["seconds"] = round(time.monotonic() - began, 1)
    failed = result["smoke"] != "ok"
    if keep or failed:
        result["folder"] = str(folder)
    else:
        shutil.rmtree(folder)
    print(json.dumps(result, ensure_ascii=False))
    return 1 if failed else 0


def _drive(folder: Path) -> dict[str, Any]:
    # Any block of ports will do, and two runs at the same time should not choose the same.
    blocks = random.sample(range(18100, 30000, 100), 50)
    instance = Instance(folder, port=free_port(), first_ports=blocks)
    instance.population = Population(PEOPLE, ENTERPRISES)
    with instance.claimed(), started(instance, _tell) as province:
        journey = Journey(instance.url)
        seen = journey.drive()
        return {**seen, "start_seconds": round(province.seconds, 1)}


def _tell(line: str) -> None:
    print(f"省事通：{line}", file=sys.stderr, flush=True)
