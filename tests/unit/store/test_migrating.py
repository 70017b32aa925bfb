"""The state before a step of a migration."""

from tortoise import fields
from tortoise.migrations.operations import AddField, CreateModel
from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.schema_generator.state_apps import StateApps

from backend.store.migrating import Before


def with_a_place() -> State:
    """One model of one field."""
    state = State(models={}, apps=StateApps())
    made = CreateModel("Place", [("id", fields.IntField(primary_key=True))])
    made.state_forward("here", state)
    return state


def test_it_stays_as_it_was_whatever_the_step_does_and_whenever_it_is_asked() -> None:
    state = with_a_place()
    before = Before(state)
    AddField("Place", "name", fields.TextField()).state_forward("here", state)
    assert set(before.apps.get_model("here.Place")._meta.fields_map) == {"id"}
    assert set(before.models["here", "Place"].fields) == {"id"}
    assert set(state.apps.get_model("here.Place")._meta.fields_map) == {"id", "name"}


def test_its_classes_are_made_once_and_only_when_they_are_asked_for() -> None:
    before = Before(with_a_place())
    assert "apps" not in vars(before)
    assert before.apps is before.apps
