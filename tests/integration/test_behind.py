"""The worker's jobs and queues on a running province: in the metrics and on the console."""

import asyncio
import json
import re

import httpx
import yaml

from backend.worker import JOBS
from gateway.console import behind_words
from tests.console_world import token_of
from tests.provinces import Platform
from tests.servers import ROOT

# Jobs that are due so seldom, or take so long, that not every province has ended them yet.
OFTEN = {job.name for job in JOBS if job.every_s <= 60}


async def _metrics(http: httpx.AsyncClient) -> str:
    """The metrics, once the worker has ended what is due often."""
    for _ in range(120):
        text = (await http.get("/metrics")).text
        if set(re.findall(r'sst_job_ended\{job="([a-z_.]+)"\}', text)) >= OFTEN:
            return text
        await asyncio.sleep(0.5)
    raise AssertionError(f"jobs that did not end: {text}")


async def test_metrics_tell_of_jobs_and_queues(http: httpx.AsyncClient) -> None:
    text = await _metrics(http)
    queues = set(re.findall(r'sst_queue_waiting\{queue="([a-z_.]+)"\}', text))
    assert queues == behind_words.QUEUES.keys()
    failures = dict(re.findall(r'sst_job_failures\{job="([a-z_.]+)"\} (\S+)', text))
    assert {job for job, many in failures.items() if float(many) > 1} == set()
    measured = re.search(r"^sst_queues_measured (\S+)$", text, re.MULTILINE)
    assert measured
    assert float(measured[1]) > 0


def _asked(expressions: list[str]) -> set[str]:
    return {name for one in expressions for name in re.findall(r"sst_\w+", one)}


async def test_alerts_and_the_dashboard_are_about_figures_that_there_are(
    http: httpx.AsyncClient,
) -> None:
    told = set(re.findall(r"^# TYPE (\w+) ", await _metrics(http), re.MULTILINE))
    told |= {f"{name}_bucket" for name in told}
    rules = yaml.safe_load((ROOT / "docker" / "alerts.yaml").read_text(encoding="utf-8"))
    alerts = _asked([rule["expr"] for rule in rules["groups"][0]["rules"]])
    board = json.loads((ROOT / "docker" / "dashboard.json").read_text(encoding="utf-8"))
    panels = _asked([one["expr"] for panel in board["panels"] for one in panel["targets"]])
    assert len(alerts) > 5
    assert len(panels) > 8
    assert alerts | panels <= told


async def test_the_console_shows_them_to_those_who_run_the_platform(
    http: httpx.AsyncClient, platform: Platform
) -> None:
    await _metrics(http)
    for username, shown in (("operator", True), ("sysadmin", True), ("gd-gjj.clerk", False)):
        cookie = {"cookie": f"sst_console={await token_of(http, platform, username)}"}
        page = await http.get("/console/states", headers=cookie)
        assert page.status_code == 200
        assert ("办件：送达部门" in page.text) is shown
        assert ("待送达部门的办件" in page.text) is shown
