"""What packages say of their sealed columns: nothing is left out, and each value is bound apart."""

import uuid
from importlib import import_module
from inspect import getmembers, isclass

import pytest
from tortoise.fields import BinaryField

from backend.store.database import PACKAGES
from backend.store.resealing import all_sealed
from backend.store.table import Sealed, Table

# "table.column" → why it is not sealed. Nothing is kept in the open as bytes so far.
NOT_SEALED: dict[str, str] = {}


def binary_columns() -> set[str]:
    models = {
        model
        for package in PACKAGES
        for _, model in getmembers(import_module(f"backend.{package}.models"), isclass)
        if issubclass(model, Table) and model is not Table
    }
    return {
        f"{model._meta.db_table}.{name}"
        for model in models
        for name, column in model._meta.fields_map.items()
        if isinstance(column, BinaryField)
    }


def test_every_binary_column_is_declared_once_or_has_a_reason() -> None:
    declared = [
        f"{one.model._meta.db_table}.{name}" for one in all_sealed() for name in one.columns
    ]
    assert len(declared) == len(set(declared))
    assert {*declared, *NOT_SEALED} == binary_columns()
    assert not NOT_SEALED.keys() & {*declared}


@pytest.mark.parametrize("one", all_sealed(), ids=lambda one: one.model.__name__)
def test_every_value_is_bound_to_its_row_and_column(one: Sealed) -> None:
    assert {*one.by, *one.columns} <= one.model._meta.fields_map.keys()
    rows = [[uuid.uuid4() for _ in one.by] for _ in range(2)]
    contexts = [one.context(*row, name) for row in rows for name in one.columns.values()]
    assert len(set(contexts)) == len(contexts)
