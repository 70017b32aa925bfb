"""Rows without what an ORM does anew each time, for the few statements that everybody waits for."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from functools import cache, partial
from typing import Any, TypeVar

from tortoise import connections

from backend.store.sqlite import Insert, Transaction
from backend.store.table import Table

T = TypeVar("T", bound=Table)


def new_row(model: type[T], **values: Any) -> T:
    """A row that is not in the database yet, as ``model(**values)``.

    Tortoise looks at each value of a new row five times, which takes longer than to write it. Here
    values are taken as they are: give each as its column has it (a ``datetime``, no text).

    Raises:
        TypeError: there is no such column.
    """
    blank, makers = _defaults(model)
    if unknown := values.keys() - model._meta.fields_db_projection.keys():
        raise TypeError(f"{model.__name__} has no {', '.join(sorted(unknown))}")
    row = model.__new__(model)
    made = {name: make() for name, make in makers if name not in values}
    row.__dict__.update(blank, _await_when_save={}, **made, **values)
    return row


@cache
def _defaults(
    model: type[Table],
) -> tuple[dict[str, Any], Sequence[tuple[str, Callable[[], Any]]]]:
    """What a new row of a table has by itself: values for all rows, and those made for each."""
    blank: dict[str, Any] = {
        "_partial": False, "_saved_in_db": False, "_custom_generated_pk": False,
    }  # fmt: skip
    makers: list[tuple[str, Callable[[], Any]]] = []
    for name in model._meta.fields_db_projection:
        default = model._meta.fields_map[name].default
        if callable(default):
            makers.append((name, default))
        elif isinstance(default, list | dict):
            makers.append((name, partial(deepcopy, default)))
        else:
            blank[name] = default
    return blank, makers


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
    if isinstance(connection, Transaction):
        lot = [_insert(model, of_it) for model, of_it in tables.items()]
        await connection.insert_lot(lot)
        return
    values = [column for model, of_it in tables.items() for column in _by_column(model, of_it)]
    await connection.execute_query_dict(_insert_into(tuple(tables)), values)


async def update_all(rows: Sequence[Table], *names: str) -> None:
    """Write some columns of rows of one table; in a transaction.

    ``bulk_update`` puts one statement together that names each row several times.
    """
    if not rows:
        return
    model, connection = type(rows[0]), connections.get("default")
    fields = [(name, model._meta.fields_map[name].to_db_value) for name in (*names, "id")]
    values = [[to_db(getattr(row, name), row) for name, to_db in fields] for row in rows]
    await connection.execute_many(_update(model, names, connection.capabilities.dialect), values)


@cache
def _update(model: type[Table], names: tuple[str, ...], dialect: str) -> str:
    projection = model._meta.fields_db_projection
    marks = [f"${place}" if dialect == "postgres" else "?" for place in range(1, len(names) + 2)]
    changes = ",".join(
        f'"{projection[name]}"={mark}' for name, mark in zip(names, marks, strict=False)
    )
    return f'UPDATE "{model._meta.db_table}" SET {changes} WHERE "id"={marks[-1]}'  # noqa: S608


def _insert(model: type[Table], rows: Sequence[Table]) -> Insert:
    """SQLite's statement for so many rows, and what is put in.

    One step for all of them: around each, the interpreter is given away and waited for.
    """
    columns = _columns(model)
    values = [to_db(getattr(row, name), row) for row in rows for name, to_db in columns]
    return _insert_rows(model, len(rows)), values, len(rows)


@cache
def _insert_rows(model: type[Table], count: int) -> str:
    projection = model._meta.fields_db_projection
    names = ",".join(f'"{projection[name]}"' for name, _ in _columns(model))
    row = f"({','.join('?' * len(_columns(model)))})"
    rows = ",".join([row] * count)
    return f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES {rows}'  # noqa: S608


def _by_column(model: type[Table], rows: Sequence[Table]) -> list[list[Any]]:
    """What is put into a table, a list for each column."""
    return [[to_db(getattr(row, name), row) for row in rows] for name, to_db in _columns(model)]


@cache
def _columns(model: type[Table]) -> Sequence[tuple[str, Callable[[Any, Table], Any]]]:
    """The columns of a new row, and what makes of its values those of the database."""
    fields = model._meta.fields_map
    return [
        (name, fields[name].to_db_value)
        for name in model._meta.fields_db_projection
        if not fields[name].generated
    ]


@cache
def _insert_into(models: tuple[type[Table], ...]) -> str:
    """PostgreSQL's statement that fills several tables in one step, each from lists of columns."""
    place, inserts = 0, []
    for model in models:
        names, lists = [], []
        for name, _ in _columns(model):
            place += 1
            kind = model._meta.fields_map[name].get_for_dialect("postgres", "SQL_TYPE")
            names.append(f'"{model._meta.fields_db_projection[name]}"')
            lists.append(f"${place}::{kind}[]")
        into = f'"{model._meta.db_table}" ({",".join(names)})'
        inserts.append(f"INSERT INTO {into} SELECT * FROM unnest({','.join(lists)})")  # noqa: S608
    *before, last = inserts
    steps = ",".join(f"s{number} AS ({insert})" for number, insert in enumerate(before))
    return f"WITH {steps} {last}" if before else last
