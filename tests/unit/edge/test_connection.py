"""What takes the short way: only what is plain; and an answer is the same on both ways."""

from hypothesis import given
from hypothesis import strategies as st

import gateway.channels.citizen.presentations
import gateway.channels.citizen.wallet
import gateway.channels.enterprise.enterprises
import gateway.channels.exchange.resources  # noqa: F401
from gateway.edge.answers import JsonAnswer
from gateway.edge.connection import found_for, plain_headers
from gateway.edge.posts import BODY_LIMIT, body_length, post_for

LINE = b"GET /api/v1/citizen/wallet HTTP/1.1\r\n"


PAGE = "/api/v1/enterprise/enterprises/"
CODES = "/api/v1/citizen/presentations/codes"
RESOURCES = "/api/v1/exchange/resources"


def test_a_request_line_is_known_whole_or_by_what_stands_before_its_last_part() -> None:
    wallet, nothing = found_for(LINE.strip())
    assert (wallet is not None, nothing) == (True, "")
    page, uscc = found_for(f"GET {PAGE}91440300MA5ABCD19W HTTP/1.1".encode())
    assert (page is not None, uscc) == (True, "91440300MA5ABCD19W")


def test_other_request_lines_are_left_to_sanic() -> None:
    for line in (
        f"GET {PAGE} HTTP/1.1",
        f"GET {PAGE}91440300MA5ABCD19W/wallet HTTP/1.1",
        f"GET {PAGE}91440300MA5ABCD19W?a=1 HTTP/1.1",
        f"GET {PAGE}%39 HTTP/1.1",
        f"GET {PAGE}91440300MA5ABCD19W HTTP/1.0",
        f"POST {PAGE}91440300MA5ABCD19W HTTP/1.1",
        "GET /api/v1/citizen/wallet?a=1 HTTP/1.1",
        "GET /api/v1/citizen/wallet/91440300MA5ABCD19W HTTP/1.1",
        "",
    ):
        assert found_for(line.encode()) == (None, ""), line


def test_names_are_in_lower_case_and_values_as_they_came() -> None:
    head = LINE + b'Host: a:1\r\nAuthorization: Bearer x y\r\nIf-None-Match:"t"\r\nX-Empty:'
    assert plain_headers(head) == {
        "host": "a:1",
        "authorization": "Bearer x y",
        "if-none-match": '"t"',
        "x-empty": "",
    }


def test_headers_that_change_the_framing_are_left_to_sanic() -> None:
    for line in (
        b"Transfer-Encoding: chunked",
        b"Expect: 100-continue",
        b"Upgrade: websocket",
        b"Connection: close",
        b"Connection: keep-alive, upgrade",
    ):
        assert plain_headers(LINE + b"Host: a\r\n" + line) is None, line
    assert plain_headers(LINE + b"Connection: Keep-Alive") is not None


def test_what_is_out_of_the_way_is_left_to_sanic() -> None:
    for lines in (
        b"Authorization: one\r\nauthorization: two",  # which of them counts?
        b"Authorization : one",
        b"Host: a\r\n folded: line",
        b"no colon",
        b"Host:\ta",
        b"X-Name: \xe5\xbc\xa0",
        b"",
    ):
        assert plain_headers(LINE + lines) is None, lines


@given(st.binary(max_size=200))
def test_no_head_breaks_it(head: bytes) -> None:
    found = plain_headers(LINE + head)
    assert found is None or {"transfer-encoding", "expect", "upgrade"}.isdisjoint(found)


def test_posts_are_known_by_their_line_and_may_hold_one_parameter() -> None:
    found = post_for(f"POST {CODES} HTTP/1.1".encode())
    assert found is not None
    assert found[1] == {}
    found = post_for(f"POST {RESOURCES}/301146-0001/query HTTP/1.1".encode())
    assert found is not None
    assert found[1] == {"code": "301146-0001"}


def test_other_posts_are_left_to_sanic() -> None:
    for line in (
        f"POST {CODES}/ HTTP/1.1",
        f"POST {CODES}?a=1 HTTP/1.1",
        f"POST {CODES} HTTP/1.0",
        f"PUT {CODES} HTTP/1.1",
        f"POST {CODES}/state HTTP/1.1",
        f"POST {RESOURCES}//query HTTP/1.1",
        f"POST {RESOURCES}/query HTTP/1.1",
        f"POST {RESOURCES}/a/b/query HTTP/1.1",
        f"POST {RESOURCES}/%41/query HTTP/1.1",
        f"POST {RESOURCES}/{'a' * 65}/query HTTP/1.1",
        f"POST {RESOURCES}/a/query?x HTTP/1.1",
        "",
    ):
        assert post_for(line.encode()) is None, line


def test_only_a_small_body_of_a_plain_length_is_taken() -> None:
    assert body_length({"content-length": "0"}) == 0
    assert body_length({"content-length": str(BODY_LIMIT)}) == BODY_LIMIT
    for said in ("", "-1", "+1", "1 ", "1, 1", "0x1", "1_0", str(BODY_LIMIT + 1), "9" * 5000):
        assert body_length({"content-length": said}) is None, said
    assert body_length({}) is None


def test_an_answer_in_one_piece_says_what_sanic_would_say() -> None:
    answer = JsonAnswer(b'{"a":1}', 200, more=((b"etag", b'"t"'),))
    answer.trace_id = "ab" * 16
    head, _, body = answer.whole(keep_alive=True).partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"HTTP/1.1 200 OK",
        b"cache-control: no-store",
        b"x-content-type-options: nosniff",
        b"referrer-policy: no-referrer",
        b"x-request-id: " + b"ab" * 16,
        b'etag: "t"',
        b"content-type: application/json",
        b"content-length: 7",
        b"connection: keep-alive",
    ]
    assert body == b'{"a":1}'


def test_answers_without_a_body() -> None:
    assert b"content-length: 0" in JsonAnswer(b"", 200).whole(keep_alive=False)
    for status in (204, 304):
        whole = JsonAnswer(b"", status).whole(keep_alive=False)
        assert b"content-length" not in whole
        assert whole.endswith(b"connection: close\r\n\r\n")
