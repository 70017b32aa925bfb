"""一件事 as operators see it: registered from a text, and where each step of a run is."""

import pytest
import yaml

from backend.one_thing.errors import DefinitionRefused, OneThingUnknown
from tests.one_thing_world import OFFICER, OneThingWorld, document


async def test_a_text_is_registered_and_its_faults_name_their_places(here: OneThingWorld) -> None:
    register = here.things.register
    body = document()
    first = await register.one_registered(body["code"])
    text = yaml.safe_dump({**body, "summary": "改了简介"}, allow_unicode=True)
    assert (await register.publish_text(OFFICER, text)).version == first.version + 1
    for wrong, pointer in (
        ("a: [", ""),
        ("{}", "/code"),
        (text.replace("改了简介", "''"), "/summary"),
    ):
        with pytest.raises(DefinitionRefused) as refused:
            await register.publish_text(OFFICER, wrong)
        assert pointer in [place["pointer"] for place in refused.value.errors], wrong
    with pytest.raises(OneThingUnknown):
        await register.one_registered("x" * 40)


async def test_a_withdrawn_one_is_still_seen(here: OneThingWorld) -> None:
    code = document()["code"]
    await here.things.register.withdraw(OFFICER, code)
    assert (await here.things.register.one_registered(code)).state == "withdrawn"
