"""The models of all packages, made ready once for all tests and connected to each test's database.

To make them ready takes Tortoise a tenth of a second, which is more than most tests take; what it
makes depends on the kind of database alone.
"""

from typing import Any

from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.context import TortoiseContext, get_current_context, set_global_context

from backend.store.database import close_database, open_database, tortoise_config


class Models:
    """What is connected to one database after the other."""

    def __init__(self) -> None:
        self._context: TortoiseContext | None = None
        self._engine = ""
        self._made: list[tuple[Any, Any]] = []

    async def connect(self, url: str) -> None:
        """Let the models use this database."""
        connections = tortoise_config(url)["connections"]
        engine = str(connections["default"]["engine"])
        if self._context is None or engine != self._engine or not self._untouched():
            # Prepared statements are kept by the names of connection and table.
            EXECUTOR_CACHE.clear()
            await open_database(url)
            self._remember(engine)
            return
        self._context.connections._init_config(connections)
        set_global_context(self._context)

    async def disconnect(self) -> None:
        """Close the connections."""
        await close_database()

    def _remember(self, engine: str) -> None:
        self._context, self._engine = get_current_context(), engine
        assert self._context is not None
        assert self._context.apps is not None
        models = self._context.apps.get_models_iterable()
        self._made = [(model._meta, model._meta.basequery) for model in models]

    def _untouched(self) -> bool:
        """Whether no test has opened a database of another kind by itself meanwhile."""
        return all(meta.basequery is query for meta, query in self._made)
