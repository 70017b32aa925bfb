"""Rows without what an ORM does anew each time, for the few statements that everybody waits for."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

from tortoise import connections

from backend.store.sqlite import Insert, Transaction
from backend.store.table import Table

T = TypeVar("T", bound=Table)


async def row_of(model: type[T], **equal: Any) -> T | None:
    """The row with these values under a unique key, or None; as ``get_or_none``.

    Args:
        equal: values of columns; none of them None.
    """
    connection: Any = connections.get("default")
    fields = model._meta.fields_map
    values = [fields[name].to_db_value(value, model) for name, value in equal.items()]
    statement = _select(model, tuple(equal), connection.capabilities.dialect)
    _, rows = await connection.execute_query(statement, values)
    return model._init_from_db(**rows[0]) if rows else None


@cache
def _select(model: type[Table], names: tuple[str, ...], dialect: str) -> str:
    projection = model._meta.fields_db_projection
    columns = ",".join(f'"{column}"' for column in projection.values())
    asked = " AND ".join(
        f'"{projection[name]}"={f"${place}" if dialect == "postgres" else "?"}'
        for place, name in enumerate(names, 1)
    )
    return f'SELECT {columns} FROM "{model._meta.db_table}" WHERE {asked}'  # noqa: S608


async def insert_all(rows: Iterable[Table]) -> None:
    """Insert rows, table by table in the order in which they first come; in a transaction.

    ``bulk_create`` puts its statement together anew each time, and takes a step to the database
    for each table.

    Raises:
        IntegrityError: a row breaks a rule of its table.
    """
    tables: defaultdict[type[Table], list[Table]] = defaultdict(list)
    for row in rows:
        tables[type(row)].append(row)
    connection: Any = connections.get("default")
    lot = [_insert(connection, model, of_it) for model, of_it in tables.items()]
    if isinstance(connection, Transaction):
        await connection.insert_lot(lot)
        return
    for statement, values in lot:
        await connection.execute_many(statement, values)


def _insert(connection: Any, model: type[Table], rows: list[Table]) -> Insert:
    """The statement that Tortoise keeps for a table, and what is put in."""
    executor = connection.executor_class(model=model, db=connection)
    columns = [
        (name, model._meta.fields_map[name].to_db_value) for name in executor.regular_columns
    ]
    values = [[to_db(getattr(row, name), row) for name, to_db in columns] for row in rows]
    return executor.insert_query, values
