"""Merging: whatever order words come in, the same wallet comes out, and it is the newest."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from backend.wallet.entries import Contents, Part
from backend.wallet.merge import last_use, merged, pruned
from tests.wallet_world import FRESH_S, HARD_S, NEGATIVE_S, START, SYSTEM, licence

SYSTEMS = {SYSTEM.code: SYSTEM}

# An issuer says one thing at one revision; when it said it and when it came in vary.
parts = st.builds(
    lambda revision, as_of, delay: Part(
        revision, as_of, as_of + delay, (licence(str(revision)),) if revision % 3 else ()
    ),
    st.integers(0, 6), st.integers(START, START + 5), st.integers(0, 5),
)  # fmt: skip
words = st.lists(st.tuples(st.sampled_from(["a", "b"]), parts), min_size=1, max_size=8)


def all_in(said: list[tuple[str, Part]]) -> Contents:
    contents = Contents()
    for code, part in said:
        contents = merged(contents, "me", {code: part})
    return contents


@given(said=words, again=st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_end_the_same(
    said: list[tuple[str, Part]], again: object
) -> None:
    shuffled = [*said, *said[: len(said) // 2]]
    getattr(again, "shuffle")(shuffled)  # noqa: B009 (hypothesis gives a random.Random)
    assert all_in(shuffled) == all_in(said)


@given(said=words)
def test_the_highest_revision_stands(said: list[tuple[str, Part]]) -> None:
    contents = all_in(said)
    for code, part in contents.parts.items():
        assert part.revision == max(p.revision for c, p in said if c == code)


@given(one=words, other=words)
def test_merging_wallets_in_pieces_equals_merging_word_by_word(
    one: list[tuple[str, Part]], other: list[tuple[str, Part]]
) -> None:
    left, right = all_in(one), all_in(other)
    assert merged(left, "me", right.parts) == all_in([*one, *other])


def test_three_words_in_all_six_orders() -> None:
    said = [("a", Part(n, START, START + n, (licence(str(n)),))) for n in (1, 2, 3)]
    assert all(all_in(list(order)).parts["a"].revision == 3 for order in permutations(said))


def test_at_the_same_revision_the_later_word_counts() -> None:
    early, late = Part(1, START, START), Part(1, START + 1, START + 1)
    assert all_in([("a", late), ("a", early)]).parts["a"] is late


def test_the_parts_of_another_holder_are_left_behind() -> None:
    before = merged(Contents(), "me", {"a": Part(9, START, START, (licence("x"),))})
    after = merged(before, "someone else", {"b": Part(1, START, START)})
    assert after == Contents("someone else", {"b": Part(1, START, START)})


def test_what_has_run_out_leaves_its_revision_as_a_tombstone() -> None:
    part = Part(5, START, START, (licence("x"),))
    contents = merged(Contents(), "me", {SYSTEM.code: part})
    assert pruned(contents, SYSTEMS, START + HARD_S - 1) == contents
    gone = pruned(contents, SYSTEMS, START + HARD_S)
    assert gone.parts[SYSTEM.code] == Part(5, START, START, ())
    older = {SYSTEM.code: Part(4, START + 9, START + 9, (licence("old"),))}
    assert merged(gone, "me", older) == gone


def test_the_part_of_a_system_that_left_is_dropped() -> None:
    contents = merged(Contents(), "me", {"gone": Part(1, START, START)})
    assert pruned(contents, SYSTEMS, START).parts == {}


def test_a_wallet_is_of_use_until_its_last_part_has_run_out() -> None:
    full = Part(1, START, START + FRESH_S, (licence("x"),))
    assert last_use(Contents("me", {SYSTEM.code: full}), SYSTEMS) == START + FRESH_S + HARD_S
    none = Part(1, START, START)
    assert last_use(Contents("me", {SYSTEM.code: none}), SYSTEMS) == START + NEGATIVE_S
    assert last_use(Contents("me", {}), SYSTEMS) == 0
