"""What follows from the steps that somebody chose: order, form, materials, what comes by itself.

A later step takes from an earlier one's result what its own form and materials say they take from
a licence: no definition has to repeat it. A field that is filled in from a licence of that type
(``prefill``) is not asked for, and a material for which that licence may stand in is not either.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backend.cases.service import Wanted, wanted_by
from backend.catalogue.service import Filling, Offer
from backend.one_thing.definition import OneThing, Step
from backend.one_thing.merging import Merged, Place, merge, merged_name
from backend.one_thing.renaming import looked_at

NEEDS = ("非必要", "容缺后补", "必要")


@dataclass(frozen=True, slots=True)
class MaterialGoes:
    """A material of the merged list, and to which steps it goes under which of their codes."""

    raw: Mapping[str, Any]
    to: Sequence[tuple[str, str]]

    @property
    def code(self) -> str:
        """In the merged list."""
        return str(self.raw["code"])


class Plan:
    """The chosen steps of a 一件事, put together.

    Args:
        chosen: codes of steps, in any order.
        offers: the items of those steps, by the code of the step.

    Attributes:
        steps: the chosen ones, each after those that it waits for.
        before: what each of them waits for, directly.
        given: fields that an earlier step's result brings, with the step that it is.
        merged: the form.
        materials: the list.

    Raises:
        Unlike: fields that are said to be the same are not.
    """

    def __init__(
        self, thing: OneThing, version: int, chosen: Sequence[str], offers: Mapping[str, Offer]
    ) -> None:
        self.thing, self.version, self.offers = thing, version, offers
        self.steps = ordered([one for one in thing.steps if one.code in chosen])
        codes = [one.code for one in self.steps]
        self.before = {
            one.code: [each for each in _after(one) if each in codes] for one in self.steps
        }
        self.given = dict(self._given())
        self.materials = list(self._materials())
        attach = {
            (step, self._name_of(step, code)): str(one.raw["material_name"])
            for one in self.materials
            for step, code in one.to
        }
        self.merged: Merged = merge(thing, codes, offers, frozenset(self.given), attach)

    @property
    def chosen(self) -> list[str]:
        """Codes of the chosen steps, in their order."""
        return [one.code for one in self.steps]

    def ancestors(self, code: str) -> list[str]:
        """All that a step waits for, directly or not."""
        found: list[str] = []
        for one in self.before[code]:
            found += [one, *self.ancestors(one)]
        return list(dict.fromkeys(found))

    def brings(self, code: str, licence_type: str) -> str | None:
        """The earlier step whose result is a licence of that type of the step's applicant."""
        for one in self.ancestors(code):
            results = self.offers[one].elements.get("licence_type_results", ())
            if licence_type in results and self._same_applicant(code, one):
                return one
        return None

    def _same_applicant(self, code: str, earlier: str) -> bool:
        """Whose licence it is: a founding one is issued to the enterprise that it founds."""
        mine = self.thing.step(code).founded_by
        founds = any(one.founded_by == earlier for one in self.thing.steps)
        return mine == earlier if founds else mine == self.thing.step(earlier).founded_by

    def _given(self) -> Iterator[tuple[Place, str]]:
        for step in self.steps:
            form = self.offers[step.code].form
            if form is None:
                continue
            kept = looked_at(form.fields_schema, form.ui)
            for name in form.fields:
                if name in kept or name in step.values:
                    continue
                hint = form.ui.get(name)
                source = hint.get("prefill") if isinstance(hint, Mapping) else None
                earlier = self._from(step, source)
                if earlier is not None:
                    yield (step.code, name), earlier

    def _from(self, step: Step, source: Any) -> str | None:
        if not isinstance(source, Mapping):
            return None
        if "licence" in source:
            return self.brings(step.code, str(source["licence"]))
        return step.founded_by if "enterprise" in source else None

    # Materials

    def _materials(self) -> Iterator[MaterialGoes]:
        lists: dict[str, list[tuple[str, Wanted, Mapping[str, Any]]]] = {}
        for step in self.steps:
            offer = self.offers[step.code]
            raws = offer.elements["materials"]
            for wanted, raw in zip(wanted_by(offer), raws, strict=True):
                code = self._merged_code(step, wanted)
                lists.setdefault(code, []).append((step.code, wanted, raw))
        for code, found in lists.items():
            yield self._goes(code, found)

    def _merged_code(self, step: Step, wanted: Wanted) -> str:
        for shared in self.thing.materials:
            if any(one.step == step.code and one.material == wanted.name for one in shared.to):
                return shared.code
        if wanted.licence_type is None:
            return f"{step.code}-{wanted.code}"
        if self.brings(step.code, wanted.licence_type) is not None:
            return f"r-{wanted.licence_type}"
        # Whose licence: that of the enterprise to be founded is another one than the person's.
        return f"l-{wanted.licence_type}"

    def _goes(
        self, code: str, found: Sequence[tuple[str, Wanted, Mapping[str, Any]]]
    ) -> MaterialGoes:
        first = found[0][2]
        shared = next((one for one in self.thing.materials if one.code == code), None)
        wanted = [one for _, one, _ in found]
        kinds = {one.licence_type for one in wanted}
        raw: dict[str, Any] = {
            "code": code, "material_name": shared.name if shared else first["material_name"],
            "is_need": max((one.need for one in wanted), key=NEEDS.index),
            "fill_explain": "；".join(dict.fromkeys(filter(None, (one.explain for one in wanted)))),
            "accept_stand": "", "exempt_by_share": all("shared" in one.ways for one in wanted),
            "licence_type_code": kinds.pop() if len(kinds) == 1 else None,
            "commitment": _agreed([one.commitment for one in wanted]),
        }  # fmt: skip
        if code.startswith("r-"):
            earlier = self.brings(found[0][0], code[2:])
            raw["from_step"] = self.thing.step(earlier).title if earlier else ""
        return MaterialGoes(raw, [(step, one.code) for step, one, _ in found])

    def _name_of(self, step: str, code: str) -> str:
        return next(one.name for one in wanted_by(self.offers[step]) if one.code == code)

    # As if it were one item

    @cached_property
    def offer(self) -> Offer:
        """The whole as one item: what a draft of it stands on."""
        form, offers = self.merged.form, [self.offers[code] for code in self.chosen]
        departments = list(dict.fromkeys(one.department_name for one in offers))
        elements = {
            "materials": [one.raw for one in self.materials],
            "is_express": any(one.elements["is_express"] for one in offers),
        }  # fmt: skip
        return Offer(
            task_code=self.thing.code, system="", version=self._stamp(),
            name=self.thing.plain_name, department_name="、".join(departments),
            department_uscc="", citizen=True, enterprise="enterprise" in self.thing.for_,
            online=True, min_level=max(one.min_level for one in offers), elements=elements,
            form=form, filling=Filling(form) if form is not None else None,
        )  # fmt: skip

    def _stamp(self) -> int:
        """Changes with the definition and with every item: what the draft stood on is gone then."""
        versions = [self.version, *(self.offers[code].version for code in self.chosen)]
        return zlib.crc32(repr((self.thing.code, versions)).encode()) & 0x7FFFFFFF

    def share(self, code: str, content_values: Mapping[str, Any]) -> dict[str, Any]:
        """The values of the merged form that go to a step, under its own names."""
        names = self.merged.names.get(code, {})
        found = {
            own: content_values[merged]
            for own, merged in names.items()
            if merged in content_values
        }  # fmt: skip
        return {**found, **self.thing.step(code).values, **self._spare(code, content_values)}

    def _spare(self, code: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """What was asked of another step, should the result not bring it."""
        found = {}
        for step, name in self.given:
            merged = merged_name(self.thing, step, name)
            if step == code and merged in values and self.merged.places(merged):
                found[name] = values[merged]
        return found

    def excused(self, code: str) -> frozenset[str]:
        """Pointers of a step's draft that are lacking only until what it waits for is granted."""
        fields = {f"/{name}" for step, name in self.given if step == code}
        materials = {
            f"/materials/{own}"
            for one in self.materials
            if one.raw.get("from_step")
            for step, own in one.to
            if step == code
        }
        return frozenset(fields | materials)


def _after(step: Step) -> list[str]:
    return list(dict.fromkeys([*step.after, *([step.founded_by] if step.founded_by else [])]))


def _agreed(texts: Sequence[str]) -> str:
    """A commitment stands in for a material only where every department takes the same one."""
    return texts[0] if len(set(texts)) == 1 else ""


def ordered(steps: Sequence[Step]) -> list[Step]:
    """Each after those that it waits for, otherwise as they stand; ValueError names a circle."""
    done: dict[str, Step] = {}
    rest = list(steps)
    known = {one.code for one in steps}
    while rest:
        ready = [one for one in rest if all(e in done or e not in known for e in _after(one))]
        if not ready:
            raise ValueError("、".join(one.code for one in rest))
        done |= {one.code: one for one in ready}
        rest = [one for one in rest if one.code not in done]
    return list(done.values())
