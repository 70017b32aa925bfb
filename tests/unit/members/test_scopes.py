"""What each role may: default deny, whatever was written down as given."""

from hypothesis import given
from hypothesis import strategies as st

from backend.members.scopes import GRANTABLE, LABELS, Role, Scope, manages, scopes_of

given_scopes = st.lists(st.sampled_from(Scope))


@given(given_scopes)
def test_an_agent_has_what_can_be_given_of_what_was_given_and_no_more(given_: list[Scope]) -> None:
    found = scopes_of(Role.AGENT, given_)
    assert Scope.VIEW in found
    assert found <= {Scope.VIEW, *GRANTABLE}
    assert found - {Scope.VIEW, Scope.CASES_READ} <= set(given_)
    assert (Scope.CASES_READ in found) == bool({Scope.CASES_READ, Scope.CASES_APPLY} & set(given_))


@given(given_scopes)
def test_the_roles_above_have_theirs_whatever_was_given(given_: list[Scope]) -> None:
    assert scopes_of(Role.LEGAL_REP, given_) == frozenset(Scope)
    administrator = scopes_of(Role.ADMINISTRATOR, given_)
    assert frozenset(Scope) - administrator == {Scope.ADMINISTRATORS}


def test_only_the_representative_appoints_and_administrators_invite_agents() -> None:
    may = {role: scopes_of(role, ()) for role in Role}
    assert [role for role in Role if manages(Role.ADMINISTRATOR) in may[role]] == [Role.LEGAL_REP]
    assert [role for role in Role if manages(Role.AGENT) in may[role]] == [
        Role.LEGAL_REP, Role.ADMINISTRATOR,
    ]  # fmt: skip


def test_every_scope_has_words() -> None:
    assert set(LABELS) == set(Scope)
