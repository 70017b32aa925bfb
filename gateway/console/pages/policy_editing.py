"""Writing a policy: in a form, or as YAML. Both hold the same data and pass the same checks."""

import re
from collections.abc import Mapping

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.operators.service import Role
from backend.policies.errors import PolicyUnknown
from backend.policies.service import (
    AUDIENCES,
    BENEFITS,
    IDENTITY,
    KINDS,
    REGISTER,
    Document,
    Sampled,
    as_text,
    element,
    read_document,
    read_text,
    variables,
    yuan,
)
from gateway.console.forms import Form, FormIn
from gateway.console.frame import Crumb, PageCall, page
from gateway.console.policy_sheet import ROWS, Sheet

bp = Blueprint("console_policy_editing", url_prefix="/console/policies")

DEPARTMENT = (Role.CLERK, Role.HEAD)
LIST = "/console/policies"
HERE: tuple[Crumb, ...] = (("惠民惠企政策", LIST),)
COUNTY = 3
_MORE = re.compile(r"add:([a-z/]+)", re.ASCII)
_LESS = re.compile(r"drop:([a-z/]+):(\d{1,3})", re.ASCII)
PER = {"once": "一次", "year": "每年", "month": "每月"}
SOURCES = {IDENTITY: "实名身份", REGISTER: "市场主体登记"}
SAVED = "草稿已保存，请用样本试算。"
# Where the form shows what is said of a place that is no field.
PARTS = ("source", "benefit", "conditions", "evidence", "steps")


class TextIn(FormIn):
    """The policy as data; its line breaks and indents are part of it."""

    text: str = Field(min_length=1)


@page(bp, "GET", "/form", roles=DEPARTMENT, title="编写政策")
async def form(call: PageCall) -> HTTPResponse:
    """An empty form, the newest version of a policy, or what was typed and refused."""
    if call.form:
        sheet = Sheet.typed(call.form)
        sheet.compact()
        return _show_form(call, sheet)
    newest = await _newest(call)
    return _show_form(call, Sheet.empty() if newest is None else Sheet.of(newest))


@page(bp, "POST", "/form", roles=DEPARTMENT, title="编写政策", again=form)
async def save_form(call: PageCall) -> HTTPResponse:
    """The next version's draft; or it is tried, gets a row more or less, or turns to YAML."""
    sheet, act = Sheet.typed(call.form), call.form.get("act")
    editing = call.province.policies.editing
    if more := _MORE.fullmatch(act):
        sheet.add(more[1])
        return _show_form(call, sheet)
    if less := _LESS.fullmatch(act):
        sheet.drop(less[1], int(less[2]))
        return _show_form(call, sheet)
    if act == "text":
        return _show_text(call, as_text(sheet.raw()))
    if act == "try":
        return _show_form(call, sheet, await editing.try_out(call.officer, sheet.raw()))
    row = await editing.save(call.officer, sheet.raw())
    return call.go(f"{LIST}/versions/{row.code}/{row.version}", SAVED)


@page(bp, "GET", "/new", roles=DEPARTMENT, title="用 YAML 编写政策")
async def text(call: PageCall) -> HTTPResponse:
    """An empty sheet, or the newest version of a policy."""
    newest = await _newest(call)
    return _show_text(call, _EXAMPLE if newest is None else _text_of(newest), call.form)


@page(bp, "POST", "/new", roles=DEPARTMENT, title="用 YAML 编写政策", again=text)
async def save_text(call: PageCall) -> HTTPResponse:
    """The draft of the policy's next version; or the same as a form, once it is in order."""
    raw = read_text(call.form.read(TextIn).text)
    if call.form.get("act") == "form":
        return _show_form(call, Sheet.of(read_document(raw)))
    row = await call.province.policies.editing.save(call.officer, raw)
    return call.go(f"{LIST}/versions/{row.code}/{row.version}", SAVED)


async def _newest(call: PageCall) -> Document | None:
    """The policy that the address names.

    Raises:
        PolicyUnknown: it is none of this department's.
    """
    code = call.query("from")
    if not code:
        return None
    rows = await call.province.policies.editing.list(call.officer)
    row = next((one for one in rows if one.code == code), None)
    if row is None:
        raise PolicyUnknown
    return read_document(row.document)


def _show_form(call: PageCall, sheet: Sheet, tried: Sampled | None = None) -> HTTPResponse:
    fields = sheet.form()
    return call.render(
        "policies/form.html", title="编写政策", crumbs=HERE, typed=fields,
        errors={one["pointer"].strip("/"): one["message"] for one in _faults(call)},
        faults=[(element(one["pointer"]), _anchor(one["pointer"], fields), one["message"])
                for one in _faults(call)],
        error=_said(call), many={name: sheet.many(name) for name in ROWS}, regions=_regions(call),
        sources=_sources(call), known=list(variables().values()), kinds=KINDS, audiences=AUDIENCES,
        benefits=BENEFITS, per=PER, tried=tried, yuan=yuan,
    )  # fmt: skip


def _show_text(call: PageCall, start: str, typed: Form | None = None) -> HTTPResponse:
    return call.render(
        "policies/new.html", title="用 YAML 编写政策", crumbs=HERE, start=start,
        typed=typed or Form({}, {}), error=_said(call), faults=_faults(call),
        known=list(variables().values()), element=element, kinds=KINDS, audiences=AUDIENCES,
        benefits=BENEFITS,
    )  # fmt: skip


def _faults(call: PageCall) -> list[dict[str, str]]:
    """What is wrong with the document, by its places."""
    found: list[dict[str, str]] = getattr(call.error, "errors", [])
    return found


def _said(call: PageCall) -> Mapping[str, str] | None:
    """The refusal in a sentence; the table below it names the places in a clerk's words."""
    if call.error is None:
        return None
    many = len(_faults(call))
    return {"detail": f"有 {many} 处需要更正，没有保存。" if many else call.error.detail}


def _anchor(pointer: str, fields: Form) -> str:
    """Where on the page the form shows what is said of a place."""
    name = pointer.strip("/")
    if name in fields:
        return f"f-{name}"
    part = name.split("/")[0]
    return f"part-{part if part in PARTS else 'basic'}"


def _regions(call: PageCall) -> list[tuple[str, str]]:
    """The province, its cities and their counties, each with the names of those above it."""
    regions, found = call.province.regions, []
    home = call.province.settings.home_region[:2] + "0000"
    for city in (regions.get(home), *regions.children(home)):
        found.append((city.code, city.name))
        if city.code != home:
            found += [(one.code, f"{city.name} {one.name}")
                      for one in regions.children(city.code) if one.level == COUNTY]  # fmt: skip
    return found


def _sources(call: PageCall) -> Mapping[str, str]:
    """Where data may come from, with what is known from there."""
    name_of = call.province.sharing.catalogue.name_of
    labels: dict[str, list[str]] = {}
    for one in variables().values():
        labels.setdefault(one.source, []).append(one.label)
    return {
        source: f"{SOURCES.get(source) or name_of(source)}：{'、'.join(several)}"
        for source, several in labels.items()
    }


def _text_of(document: Document) -> str:
    return as_text(document.model_dump(mode="json", exclude_defaults=True))


_EXAMPLE = """\
code: shili-butie
title: 示例补贴
summary: 一句话说清给谁、给什么。
kind: one_click
audience: [enterprise]
region: '440000'
source:
  name: 示例补贴办法
  issuer: 本部门
  clauses:
  - {ref: 第一条, text: 对参保五人以上的企业给予补贴。}
valid_from: '2027-01-01'
benefit: {kind: money, words: 每人一百元, formula: enterprise.staff * 100, cap: 1000,
          budget: 100000}
conditions:
- {id: staff, words: 参保人数不少于五人, cel: enterprise.staff >= 5, clause: 第一条}
evidence:
- {source: register, basis: 《中华人民共和国市场主体登记管理条例》}
- {source: 301123/0003, basis: 《中华人民共和国社会保险法》}
steps: {check: true, publicity_days: 5}
"""
