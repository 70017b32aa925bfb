"""The stored value: it holds everything, opens for nobody else, and is quick and small."""

import time
import zlib
from dataclasses import replace

import orjson
import pytest

from backend.store.keyring import BlindIndex, KeyRing
from backend.wallet.blobs import (
    Blobs,
    dictionary,
    packed,
    registry_tag,
    wallet_key,
    write_tag,
)
from backend.wallet.entries import NEVER, Contents, Part, china_time
from backend.wallet.records import holder_tag, read_answer
from tests.bench.wallets import Wallets, systems
from tests.wallet_world import FRESH_S, START, SYSTEM, licence

# CRC-32 of dictionaries/1.txt.
DICTIONARY_1 = 3561142085
RING = KeyRing({"k1": b"k" * 32})
BLOBS = Blobs(RING)
ISSUERS = [SYSTEM]
TAG = registry_tag(ISSUERS)
FULL = Contents("tag", {SYSTEM.code: Part(1, START, START, (licence("x"),))})


def written(contents: Contents = FULL, now: int = START) -> bytes:
    return BLOBS.write("me", contents, ISSUERS, TAG, now)


def test_a_written_wallet_reads_the_same() -> None:
    assert BLOBS.read("me", written()) == FULL


def test_eight_licences_of_six_issuers_read_the_same() -> None:
    index = BlindIndex(b"i" * 32)
    holder, answers = Wallets(1, systems(), china_time(START)).draw()
    issuers = [system for system in systems() if system.code in answers]
    contents = Contents(
        holder_tag(holder, index),
        {s.code: read_answer(answers[s.code], s, holder, index, START) for s in issuers},
    )
    blob = BLOBS.write("me", contents, issuers, registry_tag(issuers), START)
    assert BLOBS.read("me", blob) == contents
    assert sum(len(part.licences) for part in contents.parts.values()) == 8
    assert len(blob) < 1300
    assert holder.code.encode() not in blob


def test_the_prepared_list_is_what_the_view_says() -> None:
    prepared = BLOBS.prepared("me", written(), TAG, START)
    assert prepared is not None
    assert [item["id"] for item in orjson.loads(prepared.body)["items"]] == ["x"]


def test_two_writings_never_share_an_etag() -> None:
    assert BLOBS.etag(written(), TAG, START) != BLOBS.etag(written(), TAG, START)


def test_the_list_is_good_until_the_first_part_is_stale() -> None:
    blob = written()
    assert BLOBS.prepared("me", blob, TAG, START + FRESH_S - 0.1) is not None
    assert BLOBS.prepared("me", blob, TAG, START + FRESH_S) is None
    assert BLOBS.etag(blob, TAG, START + FRESH_S) is None


def test_the_list_is_good_no_longer_than_a_licence_in_it() -> None:
    # The last day ends 57,600 seconds before what would be the next midnight of another offset.
    today = licence("x")._replace(valid_to="2026-09-21")
    kind = SYSTEM.manifest.licence_types[0]
    long = kind.freshness.model_copy(update={"fresh_s": NEVER // 4, "stale_s": NEVER // 4})
    patient = replace(
        SYSTEM,
        manifest=SYSTEM.manifest.model_copy(
            update={"licence_types": [kind.model_copy(update={"freshness": long})]}
        ),
    )
    contents = Contents("tag", {SYSTEM.code: Part(1, START, START, (today,))})
    blob = BLOBS.write("me", contents, [patient], TAG, START)
    midnight = 1_790_006_400
    assert china_time(midnight) == "2026-09-22T00:00:00+08:00"
    assert BLOBS.prepared("me", blob, TAG, midnight - 1) is not None
    assert BLOBS.prepared("me", blob, TAG, midnight) is None


def test_a_wallet_with_a_part_missing_has_no_prepared_list() -> None:
    assert BLOBS.prepared("me", written(Contents("tag", {})), TAG, START) is None
    assert BLOBS.prepared("me", written(now=START + FRESH_S), TAG, START + FRESH_S) is None


def test_a_changed_registration_makes_a_prepared_list_useless() -> None:
    other = replace(SYSTEM, manifest=SYSTEM.manifest.model_copy(update={"negative_s": 51}))
    assert registry_tag([other]) != TAG
    assert BLOBS.prepared("me", written(), registry_tag([other]), START) is None


@pytest.mark.parametrize("place", [0, 3, 9, 20, -1])
def test_an_altered_value_is_an_empty_wallet(place: int) -> None:
    altered = bytearray(written())
    altered[place] ^= 1
    assert BLOBS.read("me", bytes(altered)) == Contents()
    # A later "good until" is the alteration that would pay; it must not open either.
    assert BLOBS.prepared("me", bytes(altered), TAG, START) is None


def test_a_value_moved_to_someone_else_does_not_open() -> None:
    assert BLOBS.read("you", written()) == Contents()
    assert BLOBS.prepared("you", written(), TAG, START) is None


@pytest.mark.parametrize("blob", [None, b"", b"short"])
def test_no_value_is_an_empty_wallet(blob: bytes | None) -> None:
    assert BLOBS.read("me", blob) == Contents()


def test_a_value_of_a_key_that_left_the_ring_is_an_empty_wallet() -> None:
    assert Blobs(KeyRing({"k2": b"2" * 32})).read("me", written()) == Contents()


def test_a_value_of_a_future_dictionary_is_an_empty_wallet() -> None:
    assert BLOBS.read("me", bytes([99]) + written()[1:]) == Contents()


def test_the_dictionary_is_the_one_that_the_stored_wallets_were_made_with() -> None:
    # Changing it in place would turn every stored wallet into noise: give it a new number.
    assert zlib.crc32(dictionary(1)) == DICTIONARY_1


def test_keys_carry_the_hash_tag_and_writings_differ_by_their_tag() -> None:
    assert wallet_key("abc") == "w:{abc}"
    assert write_tag(None) == b""
    assert write_tag(written()) != write_tag(written())


def test_reading_a_prepared_list_costs_microseconds() -> None:
    blob = written()
    best = min(_timed(blob) for _ in range(20))
    # Generous for a busy machine; the bench has the figure.
    assert best < 100e-6


def _timed(blob: bytes) -> float:
    started = time.perf_counter()
    for _ in range(50):
        BLOBS.prepared("me", blob, TAG, START)
    return (time.perf_counter() - started) / 50


def test_one_licence_is_read_with_the_part_that_holds_it_and_no_other() -> None:
    part, other = (Part(1, START, START, (licence(name),)) for name in ("x", "y"))
    blob = written(Contents("tag", {SYSTEM.code: part, "other": other}))
    assert BLOBS.part_with("me", blob, "x") == {SYSTEM.code: part}
    assert BLOBS.part_with("me", blob, "y") == {"other": other}
    assert BLOBS.part_with("me", blob, "z") == {}
    assert BLOBS.part_with("you", blob, "x") == BLOBS.part_with("me", None, "x") == {}


def test_a_licence_that_two_issuers_give_is_read_from_both() -> None:
    part = Part(1, START, START, (licence("x"),))
    contents = Contents("tag", {SYSTEM.code: part, "other": part})
    assert BLOBS.part_with("me", written(contents), "x") == contents.parts


def test_a_text_that_looks_like_a_row_misleads_nobody() -> None:
    sly = licence("x")._replace(holder_name='\n["y","', fields={"use": '\n["y",'})
    contents = Contents("tag", {SYSTEM.code: Part(1, START, START, (sly, licence("y")))})
    assert BLOBS.part_with("me", written(contents), "y") == contents.parts
    assert BLOBS.part_with("me", written(contents), 'y","') == {}


def test_a_value_without_lines_is_read_too() -> None:
    """As they were written before, and still lie in Redis."""
    head, body = packed(FULL, ISSUERS, TAG, START)
    inflate = zlib.decompressobj(-15, dictionary(1))
    deflate = zlib.compressobj(7, zlib.DEFLATED, -15, 9, 0, dictionary(1))
    text = inflate.decompress(body).replace(b"\n", b"")
    blob = BLOBS.seal("me", head, deflate.compress(text) + deflate.flush())
    assert BLOBS.read("me", blob) == FULL
    assert BLOBS.part_with("me", blob, "x") == FULL.parts
