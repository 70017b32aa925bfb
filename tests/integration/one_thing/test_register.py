"""What operators register, for whom it is done, and what a change of an item does to it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from backend.audit.models import AuditEntry
from backend.one_thing.errors import (
    DefinitionRefused,
    ForWhomNotServed,
    OneThingPaused,
    OneThingUnknown,
)
from backend.one_thing.models import OneThingDefinition
from gateway.cli.one_things import register_one_things
from tests.identity_world import CHILD, ZHANG
from tests.integration.lending.test_family import add, certify
from tests.one_thing_world import OFFICER, PDF, VALUES, OneThingWorld, document


async def test_a_definition_is_registered_and_withdrawn(here: OneThingWorld) -> None:
    register = here.things.register
    same = await register.publish(OFFICER, document())
    assert same.version == 1
    changed = await register.publish(OFFICER, document(summary="换一句话"))
    assert (changed.version, changed.faults) == (2, [])
    with pytest.raises(DefinitionRefused) as caught:
        await register.publish(OFFICER, document(**{"for": ["enterprise"]}))
    assert caught.value.errors[0]["pointer"] == "/steps/0/item"
    assert (await OneThingDefinition.get(id="newborn")).version == 2

    await register.withdraw(OFFICER, "newborn")
    await register.withdraw(OFFICER, "newborn")
    assert await register.guides() == []
    with pytest.raises(OneThingUnknown):
        await here.things.opening.open(here.owner, "newborn", "self", "", None, "")
    with pytest.raises(OneThingUnknown):
        await register.withdraw(OFFICER, "nothing")
    actions = await AuditEntry.filter(subject="one_thing:newborn").order_by("id")
    assert [one.action for one in actions] == [
        "one_thing.published", "one_thing.published", "one_thing.withdrawn",
    ]  # fmt: skip


async def test_it_pauses_while_an_item_is_not_what_it_was(here: OneThingWorld) -> None:
    begun = await here.draft()
    await here.republish_home_without_child()
    with pytest.raises(OneThingPaused):
        await here.things.opening.open(here.owner, "newborn", "self", "", None, "")
    with pytest.raises(OneThingPaused):
        await here.things.submission.submit(here.owner, begun.id, begun.version, "")
    # A draft that cannot be gone on with keeps nobody from seeing the others.
    assert await here.cases.cases.drafts.list(here.owner) == []
    (told,) = await here.things.register.registered()
    assert told.faults[0]["pointer"] == "/fields/0/to/1/pointer"


async def test_a_sandbox_starts_although_an_item_of_a_registered_one_is_gone(
    here: OneThingWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As after a department was retired in the console of a running sandbox."""
    (tmp_path / "newborn.yaml").write_text(yaml.safe_dump(document()), encoding="utf-8")
    monkeypatch.setattr("gateway.cli.one_things.FOLDER", tmp_path)
    province: Any = SimpleNamespace(one_things=here.things)
    said: list[str] = []
    await register_one_things(province, {"operator": OFFICER}, said.append)
    await here.republish_home_without_child()
    await register_one_things(province, {"operator": OFFICER}, said.append)
    assert "· one-things registered" in said[0]
    assert said[1].endswith("· paused")
    unknown = yaml.safe_dump(document(code="another"))
    (tmp_path / "newborn.yaml").write_text(unknown, encoding="utf-8")
    with pytest.raises(DefinitionRefused):
        await register_one_things(province, {"operator": OFFICER}, said.append)


async def test_a_guardian_does_it_for_a_child(here: OneThingWorld) -> None:
    await certify(here.cases.people)
    link = str((await add(here.cases.people)).id)
    opening, drafts = here.things.opening, here.cases.cases.drafts
    with pytest.raises(ForWhomNotServed):
        await opening.open(here.owner, "newborn", "relative", link, None, "")
    draft = await opening.open(here.owner, "newborn", "child", link, ["birth", "home"], "")
    fields = draft.offer.form.fields if draft.offer.form else {}
    values = {name: one for name, one in VALUES.items() if name in fields}
    draft = await drafts.save(here.owner, draft.id, draft.version, values, None, None)
    draft, _ = await here.cases.cases.supplying.upload(
        here.owner, draft.id, "idcard", "身份证.pdf", PDF
    )
    done = await here.things.submission.submit(here.owner, draft.id, draft.version, "")
    await here.cases.cases.drain()
    sent = here.cases.department.records[done.case_nos[0]].submissions[0]
    assert sent["applicant"]["code"] == CHILD.id_number
    assert sent["agent"]["holder"]["code"] == ZHANG.id_number
    assert sent["agent"]["relation"] == "guardian"
    entry = await AuditEntry.get(action="one_thing.submitted")
    assert entry.actor == f"person:{here.owner.person_id}"
    assert entry.subject == draft.content.about
    assert entry.subject != entry.actor
