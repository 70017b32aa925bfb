"""Whether a definition holds: every place that does not is named, with the reason.

Looked at when it is registered, and again whenever somebody begins: departments publish their
items anew without asking anybody. The forms are put together for every step on and off in turn,
so that no choice of a person can lead to a form that does not exist.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pydantic import ValidationError

from backend.cases.service import wanted_by
from backend.catalogue.service import Filling, Offer
from backend.one_thing.definition import OneThing, Step
from backend.one_thing.merging import Unlike, common, merged_name
from backend.one_thing.plan import Plan, ordered
from backend.one_thing.renaming import UNMERGEABLE

Trouble = dict[str, str]


def _at(pointer: str, element: str, message: str) -> Trouble:
    return {"pointer": pointer, "element": element, "message": message}


def faults_of_shape(thing: OneThing) -> list[Trouble]:
    """What is wrong without looking at any item."""
    found = [
        *_twice("/steps", [one.code for one in thing.steps], "步骤代码重复"),
        *_twice("/fields", [one.name for one in thing.fields], "合并字段重复"),
        *_twice("/materials", [one.code for one in thing.materials], "合并材料重复"),
    ]
    codes = {one.code for one in thing.steps}
    for place, step in enumerate(thing.steps):
        found += _step_faults(thing, f"/steps/{place}", step, codes)
    if not found:
        try:
            ordered(thing.steps)
        except ValueError as circle:
            found.append(_at("/steps", str(circle), f"步骤互相等待，成了一个圈：{circle}"))
    return found


def _twice(pointer: str, names: Sequence[str], message: str) -> Iterator[Trouble]:
    for name, times in Counter(names).items():
        if times > 1:
            yield _at(pointer, name, f"{message}：{name}")


def _step_faults(thing: OneThing, pointer: str, step: Step, codes: set[str]) -> Iterator[Trouble]:
    for one in step.after:
        if one not in codes:
            yield _at(f"{pointer}/after", step.code, f"前置步骤 {one} 不存在")
        elif one == step.code:
            yield _at(f"{pointer}/after", step.code, "不能等待自己")
    founder = step.founded_by
    if founder is None:
        return
    if founder not in codes or founder == step.code:
        yield _at(f"{pointer}/founded_by", step.code, f"设立申请人的步骤 {founder} 不存在")
    elif thing.step(founder).need != "always":
        yield _at(f"{pointer}/founded_by", step.code, f"设立申请人的步骤 {founder} 应为必办")
    elif "enterprise" in thing.for_:
        yield _at(f"{pointer}/founded_by", step.code, "由企业申请的一件事不再设立申请人")


def faults_of_items(thing: OneThing, offers: Mapping[str, Offer]) -> list[Trouble]:
    """What is wrong given the items as they are published now."""
    found: list[Trouble] = []
    for place, step in enumerate(thing.steps):
        offer = offers.get(step.code)
        if offer is None:
            found.append(
                _at(f"/steps/{place}/item", step.code, f"事项 {step.item} 不存在或没有发布")
            )
            continue
        found += _offer_faults(thing, f"/steps/{place}", step, offer)
    if found:
        return found
    found += [*_field_faults(thing, offers), *_material_faults(thing, offers)]
    return found or list(_choice_faults(thing, offers))


def _offer_faults(thing: OneThing, pointer: str, step: Step, offer: Offer) -> Iterator[Trouble]:
    if not offer.online:
        yield _at(f"{pointer}/item", step.code, f"“{offer.name}”不能在线申请")
    by_company = step.founded_by is not None or "enterprise" in thing.for_
    by_person = step.founded_by is None and set(thing.for_) != {"enterprise"}
    if by_company and not offer.enterprise:
        yield _at(f"{pointer}/item", step.code, f"“{offer.name}”不面向企业")
    if by_person and not offer.citizen:
        yield _at(f"{pointer}/item", step.code, f"“{offer.name}”不面向个人")
    schema = offer.form.fields_schema if offer.form else {}
    for word in UNMERGEABLE:
        if word in schema:
            yield _at(f"{pointer}/item", step.code, f"“{offer.name}”的表单用了 {word}，不能合并")
    yield from _settled_faults(pointer, step, offer.filling, offer)


def _settled_faults(
    pointer: str, step: Step, filling: Filling | None, offer: Offer
) -> Iterator[Trouble]:
    fields = offer.form.fields if offer.form else {}
    for name, value in step.values.items():
        place = f"{pointer}/values/{name}"
        if name not in fields or filling is None:
            yield _at(place, step.code, f"“{offer.name}”的表单没有字段 {name}")
        elif any(one["pointer"].startswith(f"/{name}") for one in filling.mistakes({name: value})):
            yield _at(place, step.code, f"“{offer.name}”的字段 {name} 不接受这个值")


def _field_faults(thing: OneThing, offers: Mapping[str, Offer]) -> Iterator[Trouble]:
    seen: dict[tuple[str, str], str] = {}
    for place, shared in enumerate(thing.fields):
        before: dict[str, object] | None = None
        for number, one in enumerate(shared.to):
            pointer = f"/fields/{place}/to/{number}"
            offer = offers.get(one.step)
            form = offer.form if offer else None
            if offer is None:
                yield _at(f"{pointer}/step", shared.name, f"步骤 {one.step} 不存在")
                continue
            if form is None or one.name not in form.fields:
                yield _at(
                    f"{pointer}/pointer", shared.name,
                    f"“{offer.name}”的表单最外层没有字段 {one.pointer}",
                )  # fmt: skip
                continue
            if (one.step, one.name) in seen:
                other = seen[one.step, one.name]
                yield _at(pointer, shared.name, f"{one.step}{one.pointer} 已合并到 {other}")
                continue
            seen[one.step, one.name] = shared.name
            if one.name in thing.step(one.step).values:
                yield _at(pointer, shared.name, f"{one.step}{one.pointer} 的内容已经既定，不再填写")
                continue
            if "calculate" in (form.ui.get(one.name) or {}):
                yield _at(pointer, shared.name, f"{one.step}{one.pointer} 由计算得出，不能合并")
                continue
            own = form.fields[one.name]
            try:
                before = dict(own) if before is None else common(before, own)
            except Unlike as why:
                yield _at(
                    pointer, shared.name, f"{one.step}{one.pointer} 与其他字段不能合并：{why}"
                )
    yield from _name_faults(thing, offers)


def _name_faults(thing: OneThing, offers: Mapping[str, Offer]) -> Iterator[Trouble]:
    """No two fields under one name that were not said to be the same: nothing is asked twice."""
    shared = {one.name for one in thing.fields}
    places: dict[str, tuple[str, str]] = {}
    for step in thing.steps:
        form = offers[step.code].form
        for name in form.fields if form else ():
            merged = merged_name(thing, step.code, name)
            if merged in shared and any(
                (one.step, one.name) == (step.code, name)
                for each in thing.fields
                if each.name == merged
                for one in each.to
            ):
                continue
            if merged in shared or merged in places:
                yield _at("/fields", merged, f"字段名 {merged} 同时指 {step.code}/{name} 和另一项")
            places[merged] = (step.code, name)
    for number, group in enumerate(thing.groups):
        for name in group.fields:
            if name not in shared:
                yield _at(f"/groups/{number}", name, f"分组中的 {name} 不是合并字段")


def _material_faults(thing: OneThing, offers: Mapping[str, Offer]) -> Iterator[Trouble]:
    seen: dict[tuple[str, str], str] = {}
    for place, shared in enumerate(thing.materials):
        for number, one in enumerate(shared.to):
            pointer = f"/materials/{place}/to/{number}"
            offer = offers.get(one.step)
            if offer is None:
                yield _at(f"{pointer}/step", shared.code, f"步骤 {one.step} 不存在")
                continue
            if one.material not in [wanted.name for wanted in wanted_by(offer)]:
                yield _at(
                    f"{pointer}/material", shared.code, f"“{offer.name}”没有材料“{one.material}”"
                )
            if (one.step, one.material) in seen:
                yield _at(pointer, shared.code, f"“{one.material}”已合并到别的材料")
            seen[one.step, one.material] = shared.code


def _choice_faults(thing: OneThing, offers: Mapping[str, Offer]) -> Iterator[Trouble]:
    """The forms of all steps, and of all but each of those that can be left out."""
    every = [one.code for one in thing.steps]
    free = [one.code for one in thing.steps if one.need != "always"]
    choices = [every, *([code for code in every if code != left] for left in free)]
    always = [code for code in every if code not in free]
    if always:
        choices.append(always)
    for chosen in choices:
        try:
            Plan(thing, 0, chosen, offers)
        except Unlike as why:
            yield _at("/fields", "表单", f"选办 {'、'.join(chosen)} 时不能合并：{why}")
        except ValidationError as error:
            words = error.errors(include_url=False, include_input=False)[0]["msg"]
            yield _at("/fields", "表单", f"选办 {'、'.join(chosen)} 时表单不成立：{words}")
