"""一件事: what is registered, the next version of it, and what is under way."""

import yaml
from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.operators.service import Role
from gateway.console.forms import FormIn
from gateway.console.frame import Crumb, PageCall, page

bp = Blueprint("console_one_things", url_prefix="/console/one-things")

OPERATORS = (Role.OPERATOR,)
HERE: tuple[Crumb, ...] = (("一件事", "/console/one-things"),)
NEEDS = {"always": "必办", "default": "默认选上", "optional": "可选"}
FOR = {"self": "本人", "child": "孩子", "relative": "家人", "enterprise": "企业"}


class DefinitionForm(FormIn):
    """A definition that was pasted; a file goes first."""

    text: str = Field(default="", max_length=200_000)


@page(bp, "GET", "", roles=OPERATORS, title="一件事", menu="一件事", order=21)
async def overview(call: PageCall) -> HTTPResponse:
    """All that are registered, and how many of each are under way."""
    things = call.province.one_things
    found = await things.register.registered()
    return call.render("one_things/list.html", found=found, running=await things.overview.open())


@page(bp, "GET", "/new", roles=OPERATORS, title="登记“一件事”")
async def new(call: PageCall) -> HTTPResponse:
    """A file or a text; ``?code=`` begins with what is registered."""
    code, text = call.query("code"), ""
    if code:
        found = await call.province.one_things.register.one_registered(code)
        text = _yaml(found.thing.as_json())
    return call.render("one_things/new.html", crumbs=HERE, text=text)


@page(bp, "POST", "/new", roles=OPERATORS, title="登记“一件事”", again=new)
async def publish(call: PageCall) -> HTTPResponse:
    """Checked against the items as they are published now; every refusal names its place."""
    raw = call.form.file("definition")
    text = raw.decode("utf-8", "replace") if raw else call.form.read(DefinitionForm).text
    made = await call.province.one_things.register.publish_text(call.officer, text)
    return call.go(f"/console/one-things/{made.thing.code}", f"已登记，现为第 {made.version} 版")


@page(bp, "GET", "/<code:str>", roles=OPERATORS, title="一件事")
async def show(call: PageCall, code: str) -> HTTPResponse:
    """Its steps with their departments, what does not fit any more, and the runs."""
    things = call.province.one_things
    one = await things.register.one_registered(code)
    titles = {step.code: step.title for step in one.thing.steps}
    before = {
        step.code: [titles[each] for each in (*step.after, step.founded_by) if each in titles]
        for step in one.thing.steps
    }
    return call.render(
        "one_things/show.html", title=one.thing.name, crumbs=HERE, one=one, needs=NEEDS,
        before=before, kinds=FOR,
        offers=await things.register.items(one.thing), runs=await things.overview.runs(code),
        text=_yaml(one.thing.as_json()), whom="、".join(FOR[kind] for kind in one.thing.for_),
    )  # fmt: skip


@page(
    bp, "POST", "/<code:str>/withdrawal", roles=OPERATORS, title="停办“一件事”", again=show
)  # fmt: skip
async def withdraw(call: PageCall, code: str) -> HTTPResponse:
    """What was submitted goes on."""
    await call.province.one_things.register.withdraw(call.officer, code)
    return call.go(f"/console/one-things/{code}", "已停办，已提交的申请继续办理")


def _yaml(document: object) -> str:
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=120)
