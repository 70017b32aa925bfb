"""Cookies and tokens of forms, as far as they can be tried without a browser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.console.guards import CsrfWrong, check_csrf, csrf_of, flash_value, read_flash
from gateway.console.pages.login import _inside


@given(secret=st.text(min_size=1), other=st.text())
def test_a_form_fits_its_session_and_no_other(secret: str, other: str) -> None:
    check_csrf(secret, csrf_of(secret))
    if other != secret:
        with pytest.raises(CsrfWrong):
            check_csrf(secret, csrf_of(other))


@pytest.mark.parametrize("given_token", ["", "x", "é", "0" * 32])
def test_an_invented_token_is_refused(given_token: str) -> None:
    with pytest.raises(CsrfWrong):
        check_csrf("secret", given_token)


def test_without_a_session_no_token_fits() -> None:
    with pytest.raises(CsrfWrong):
        check_csrf("", csrf_of(""))


class Asked:
    """As much of a request as the flash needs."""

    def __init__(self, cookie: str) -> None:
        self.cookies = {"sst_console_flash": cookie}


@given(words=st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_a_flash_comes_back_as_it_was_said(words: str) -> None:
    assert read_flash(Asked(flash_value("secret", words)), "secret") == words  # type: ignore[arg-type]


@pytest.mark.parametrize("cookie", ["", ".", "x.y", flash_value("another", "伪造")])
def test_words_of_somebody_else_are_not_shown(cookie: str) -> None:
    assert read_flash(Asked(cookie), "secret") == ""  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "path",
    ["", "/", "//evil.example", "https://evil.example", "/console//evil\\x", "/api/x",
     "/console/\nx", "/consolex", "/console/" + "x" * 400],
)  # fmt: skip
def test_the_way_after_the_login_leads_nowhere_else(path: str) -> None:
    assert _inside(path) == "/console"


def test_the_way_after_the_login_leads_back() -> None:
    assert _inside("/console/accounts?state=pending") == "/console/accounts?state=pending"
