"""A department's file: loaded whole or not at all, changed whole or not at all."""

import sqlite3
import time
from pathlib import Path

import pytest

from backend.sandbox.departments.loader import Loader
from backend.sandbox.departments.registry import department
from backend.sandbox.departments.store import Store
from tests.sandbox_world import HOUSEHOLD, HUSBAND, TODAY, USCC, load


def _loader(path: Path) -> Loader:
    found = department("gongan")
    return Loader(path, found.records(), found.type_codes(), TODAY, {"seed": "7"})


def test_a_loaded_file_finds_holders_licences_and_facts(tmp_path: Path) -> None:
    path = tmp_path / "gongan.db"
    load("gongan", path)
    store = Store(path)
    stored = store.holder(HUSBAND.id_number)
    assert stored is not None
    assert (stored.holder.name, stored.changes) == (HUSBAND.name, 0)
    assert [licence.slot for licence in store.licences(stored.id)] == [0, 1, 2]
    assert store.fact(stored.id, "driver") is not None
    assert store.fact(stored.id, "identity") is None
    assert store.holder("440106199901010011") is None
    assert store.meta("today") == TODAY.isoformat()
    assert store.meta("seed") == "0"
    store.close()


def test_what_was_not_finished_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "gongan.db"
    loader = _loader(path)
    loader.begin()
    loader.add(HOUSEHOLD)
    assert not path.exists()
    loader.abandon()
    assert list(tmp_path.iterdir()) == []


def test_a_new_province_replaces_the_old_one_and_its_revisions_go_on(tmp_path: Path) -> None:
    path = tmp_path / "gongan.db"
    load("gongan", path)
    before = Store(path)
    first = before.base_revision
    before.close()
    assert abs(first - time.time()) < 60
    load("gongan", path)
    after = Store(path)
    assert after.base_revision >= first
    assert after.count("notices") == 0
    after.close()


def test_begin_comes_first(tmp_path: Path) -> None:
    loader = _loader(tmp_path / "gongan.db")
    with pytest.raises(RuntimeError, match="begin"):
        loader.finish()


def test_a_change_that_fails_half_way_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "gongan.db"
    load("gongan", path)
    store = Store(path)
    stored = store.holder(HUSBAND.id_number)
    assert stored is not None

    def fail_half_way() -> None:
        with store.changing():
            store.touch(stored)
            store.remove_licence(stored.id, 0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    again = store.holder(HUSBAND.id_number)
    assert again is not None
    assert again.changes == 0
    assert len(store.licences(stored.id)) == 3
    store.close()


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        Store(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


def test_enterprises_are_found_by_their_representative(tmp_path: Path) -> None:
    path = tmp_path / "shijian.db"
    load("shijian", path)
    store = Store(path)
    found = store.linked(HUSBAND.id_number, "enterprise")
    assert found[0]["uscc"] == USCC
    assert len(found) == 2
    store.close()
