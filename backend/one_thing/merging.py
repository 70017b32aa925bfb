"""One form out of those of several items: whatever is the same thing is asked for once.

The merged form is built from the items' own schemas, for the steps that are chosen. A field goes
under its own step's name (``birth_hospital``) unless the definition says that it is the same as
others (``SharedField``). Not asked for are values that the whole settles, and those that an earlier
step's result brings. What comes out is a form like any other: phone and gateway check it alike.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backend.catalogue.service import Form, Offer
from backend.one_thing.definition import OneThing
from backend.one_thing.renaming import NEVER, Renaming, conditions_of

Place = tuple[str, str]  # step, field
COMMON = "共同信息"


class Unlike(ValueError):
    """Two fields that are said to be the same are not; a Chinese sentence says why."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged form of the chosen steps.

    Attributes:
        form: None where no step asks for anything.
        names: step → name in its form → name in the merged form, of what is asked for.
    """

    form: Form | None
    names: Mapping[str, Mapping[str, str]]

    def places(self, name: str) -> list[Place]:
        """Where a merged field goes to."""
        return [
            (step, own)
            for step, names in self.names.items()
            for own, merged in names.items()
            if merged == name
        ]


@dataclass(slots=True)
class _Form:
    """The merged form while it is put together."""

    properties: dict[str, Any] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    conditions: list[dict[str, Any]] = field(default_factory=list)
    defs: dict[str, Any] = field(default_factory=dict)
    ui: dict[str, Any] = field(default_factory=dict)
    own: dict[str, list[str]] = field(default_factory=dict)


def merged_name(thing: OneThing, step: str, name: str) -> str:
    """The name of an item's field in the merged form."""
    for shared in thing.fields:
        if any(one.step == step and one.name == name for one in shared.to):
            return shared.name
    return f"{step}_{name}"


def merge(
    thing: OneThing,
    chosen: Sequence[str],
    offers: Mapping[str, Offer],
    given: frozenset[Place] = frozenset(),
    attach: Mapping[tuple[str, str], str] | None = None,
) -> Merged:
    """Put the forms of the chosen steps together.

    Args:
        chosen: codes of steps, in the order in which they are asked for.
        given: fields that the result of an earlier chosen step brings.
        attach: names of materials in the merged list, by step and name.

    Raises:
        Unlike: two fields that are said to be the same cannot be asked for as one.
    """
    made, names = _Form(), {}
    for code in chosen:
        form = offers[code].form
        if form is None:
            continue
        settled = thing.step(code).values
        asked = _asked(thing, code, form, settled, given)
        names[code] = asked
        _add(made, code, form, Renaming(code, asked, settled), asked, attach or {})
    if not made.properties:
        return Merged(None, names)
    _title(thing, made)
    return Merged(_form(thing, chosen, made), names)


def _asked(
    thing: OneThing, code: str, form: Form, settled: Mapping[str, Any], given: frozenset[Place]
) -> dict[str, str]:
    """What of a step is asked for; nothing whose condition can never hold."""
    names = {
        name: merged_name(thing, code, name)
        for name in form.fields
        if name not in settled and (code, name) not in given
    }
    renaming = Renaming(code, names, settled)
    return {
        name: merged
        for name, merged in names.items()
        if renaming.schema(_hint(form, name).get("when", {})) != NEVER
    }


def _add(
    made: _Form, code: str, form: Form, renaming: Renaming, asked: Mapping[str, str],
    attach: Mapping[tuple[str, str], str],
) -> None:  # fmt: skip
    schema = form.fields_schema
    made.defs |= {f"{code}_{n}": renaming.field(one) for n, one in schema.get("$defs", {}).items()}
    for name in _ordered(form):
        if name not in asked:
            continue
        merged, own = asked[name], renaming.field(form.fields[name])
        before = made.properties.get(merged)
        made.properties[merged] = own if before is None else common(before, own)
        hint = _renamed_hint(_hint(form, name), renaming, code, attach)
        made.ui[merged] = hint if before is None else _common_hint(made.ui[merged], hint)
        if before is None:
            made.own.setdefault(code, []).append(merged)
        if name in form.required and merged not in made.required:
            made.required.append(merged)
    conditions = renaming.schema(conditions_of(schema))
    whole = conditions.pop("allOf", [])
    made.conditions += [one for one in (*whole, conditions) if one]


def _hint(form: Form, name: str) -> Mapping[str, Any]:
    hint = form.ui.get(name)
    return hint if isinstance(hint, Mapping) else {}


def _ordered(form: Form) -> list[str]:
    placed = list(form.ui.get("order", ()))
    for group in form.ui.get("groups", ()):
        placed += group.get("fields", ())
    return list(dict.fromkeys([*placed, *form.fields]))


def _renamed_hint(
    hint: Mapping[str, Any], renaming: Renaming, code: str,
    attach: Mapping[tuple[str, str], str],
) -> dict[str, Any]:  # fmt: skip
    # Where values come from is asked of each item by itself: the merged form knows no department.
    found = {key: one for key, one in hint.items() if key not in ("prefill", "when", "calculate")}
    when = renaming.schema(hint["when"]) if "when" in hint else {}
    if any(when.values()):
        found["when"] = when
    if "calculate" in hint:
        expression = renaming.expression(hint["calculate"])
        if expression is not None:
            found["calculate"] = expression
    if "attach" in found:
        found["attach"] = attach.get((code, str(found["attach"])), found["attach"])
    return found


def _common_hint(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Hints of a field that several ask for: it is asked for as soon as one of them does."""
    found = {**second, **first}
    found.pop("when", None)
    if "when" in first and "when" in second:
        one, other = first["when"], second["when"]
        found["when"] = one if one == other else {"anyOf": [one, other]}
    return found


_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_SAME = ("type", "format", "pattern", "multipleOf", "const")
_WORDS = ("title", "description", "default", "examples")


def common(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """What both of two fields take.

    Raises:
        Unlike: they take nothing in common, or it cannot be said.
    """
    found = dict(first)
    kinds = {first.get("type"), second.get("type")} - {None}
    if kinds & {"array", "object"}:
        if _bare(first) != _bare(second):
            raise Unlike("重复填写的内容不一样，不能合并")
        return found
    for key, value in second.items():
        if key in _WORDS or key not in found:
            found.setdefault(key, value)
        elif key in _LOWER:
            found[key] = max(found[key], value)
        elif key in _UPPER:
            found[key] = min(found[key], value)
        elif key == "enum":
            found[key] = [one for one in found[key] if one in value]
        elif key == "oneOf":
            found[key] = _choices(found[key], value)
        elif found[key] != value:
            words = {"type": "类型", "format": "格式", "pattern": "格式要求"}.get(key, key)
            raise Unlike(f"{words}不同（{found[key]}、{value}）")
    _check_room(found)
    return found


def _choices(first: Sequence[Any], second: Sequence[Any]) -> list[Any]:
    other = [one.get("const") for one in second if isinstance(one, Mapping)]
    return [one for one in first if isinstance(one, Mapping) and one.get("const") in other]


def _check_room(schema: Mapping[str, Any]) -> None:
    for key in ("enum", "oneOf"):
        if key in schema and not schema[key]:
            raise Unlike("没有共同的选项")
    for low, high in zip(_LOWER, _UPPER, strict=True):
        if low in schema and high in schema and schema[low] > schema[high]:
            raise Unlike("取值范围没有重合")
    if "enum" in schema and "oneOf" in schema:
        raise Unlike("一个是固定选项，一个是带说明的选项")


def _bare(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: one for key, one in schema.items() if key not in _WORDS}


def _title(thing: OneThing, made: _Form) -> None:
    for shared in thing.fields:
        if shared.name not in made.properties:
            continue
        if shared.title:
            made.properties[shared.name] = {
                **made.properties[shared.name], "title": shared.title,
            }  # fmt: skip
        if shared.help:
            made.ui[shared.name] = {**made.ui[shared.name], "help": shared.help}


def _form(thing: OneThing, chosen: Sequence[str], made: _Form) -> Form:
    schema: dict[str, Any] = {
        "type": "object", "additionalProperties": False, "required": made.required,
        "properties": made.properties,
    }  # fmt: skip
    if made.conditions:
        schema["allOf"] = made.conditions
    if made.defs:
        schema["$defs"] = made.defs
    ui = {**made.ui, "groups": list(_groups(thing, chosen, made))}
    return Form.model_validate({"schema": schema, "ui": ui})


def _groups(thing: OneThing, chosen: Sequence[str], made: _Form) -> Iterator[dict[str, Any]]:
    """First what several ask for, under its headings, then each step's own."""
    placed: set[str] = set()
    for group in thing.groups:
        fields = [name for name in group.fields if name in made.properties]
        if fields:
            placed |= set(fields)
            text = {"text": group.text} if group.text else {}
            yield {"title": group.title, **text, "fields": fields}
    shared = [one.name for one in thing.fields if one.name in made.properties]
    rest = [name for name in shared if name not in placed]
    if rest:
        placed |= set(rest)
        yield {"title": COMMON, "fields": rest}
    for code in chosen:
        own = [name for name in made.own.get(code, ()) if name not in placed]
        if own:
            yield {"title": thing.step(code).title, "fields": own}
