"""Tortoise's migrations, without what they make and do not use."""

from functools import cached_property
from typing import cast

from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.schema_generator.state_apps import StateApps


class Before:
    """The state before a step of a migration, whose model classes are made when they are asked for.

    Tortoise 1.1 makes the classes of all models anew before each step, and most steps (a table that
    is new) do not look at them: that was three quarters of what a first start spent on migrations.
    """

    def __init__(self, state: State) -> None:
        self.models = {key: model.clone() for key, model in state.models.items()}
        self._present = state.apps

    @cached_property
    def apps(self) -> StateApps:
        """The classes, as the models were; the present ones only say which connection is theirs."""
        return self._present.clone(model_states=self.models)


def spare_classes() -> None:
    """Let migrations in this process remember the state before a step like this."""

    def clone(state: State) -> State:
        return cast(State, Before(state))

    State.clone = clone  # type: ignore[assignment, method-assign]
