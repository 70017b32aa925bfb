"""Every endpoint of the API and every page of the console, and what each answers to whom."""

import re

import httpx

from backend.sandbox.departments.registry import department
from backend.sandbox.keys import department_key
from backend.upstream.signing import sign_request
from gateway.app import channel_blueprints
from gateway.console.frame import PAGES, Page
from gateway.console.install import console_blueprints
from gateway.edge.access import Access, Machine, Member, Person, Public, Staff, System
from gateway.edge.endpoint import ENDPOINTS, Endpoint
from gateway.edge.matrix import ANSWERS
from gateway.edge.problems import STATUS
from tests.integration.programs import Program
from tests.provinces import Platform

channel_blueprints()
console_blueprints()
EVERY = sorted(ENDPOINTS, key=lambda made: (made.path, made.method))
PEOPLE = [made for made in EVERY if isinstance(made.access, Person)]
SYSTEMS = [made for made in EVERY if isinstance(made.access, System)]
STAFF = [made for made in EVERY if isinstance(made.access, Staff)]
MEMBERS = [made for made in EVERY if isinstance(made.access, Member)]
PROGRAMS = [made for made in EVERY if isinstance(made.access, Machine)]
PUBLIC = [made for made in EVERY if isinstance(made.access, Public)]

EVERY_PAGE = sorted(PAGES, key=lambda page: (page.path, page.method))
STAFF_PAGES = [page for page in EVERY_PAGE if isinstance(page.access, Staff)]
PUBLIC_PAGES = [page for page in EVERY_PAGE if isinstance(page.access, Public)]


def named(made: Endpoint | Page) -> str:
    return f"{made.method} {made.path}"


def path_of(made: Endpoint | Page) -> str:
    return re.sub(r"<\w+(:\w+)?>", "x", made.path)


async def code_of(http: httpx.AsyncClient, made: Endpoint, token: str | None) -> tuple[int, str]:
    headers = {"authorization": f"Bearer {token}"} if token is not None else {}
    body: dict[str, str] | None = {} if made.body is not None else None
    answer = await http.request(made.method, path_of(made), json=body, headers=headers)
    problem = "problem" in answer.headers.get("content-type", "")
    return answer.status_code, answer.json()["code"] if problem else ""


def documented(access: type[Access], actor: str) -> tuple[int, str]:
    error = ANSWERS[access][actor]
    return STATUS[error.kind], error.code


async def as_system(http: httpx.AsyncClient, platform: Platform, made: Endpoint) -> tuple[int, str]:
    """The answer to a registered system that signs, where a person or an officer is meant."""
    found = department("shijian")
    key = department_key(platform.data_dir / "sandbox" / "keys", found.key_id, found.key_alg)
    headers = sign_request(key, made.method, path_of(made), "", b"")
    answer = await http.request(made.method, path_of(made), headers=headers)
    return answer.status_code, answer.json()["code"]


async def as_program(http: httpx.AsyncClient, program: Program, made: Endpoint) -> tuple[int, str]:
    """The answer to a program that signs."""
    answer = await program.ask(http, made.method, path_of(made))
    problem = "problem" in answer.headers.get("content-type", "")
    return answer.status_code, answer.json()["code"] if problem else ""
