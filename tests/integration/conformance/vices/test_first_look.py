"""An answer that is none: the connection, its signature, its shape."""

import pytest

from tests.integration.conformance.conftest import Start
from tests.integration.conformance.crooked import JSON
from tests.integration.conformance.vices.wrong import Wrong, answers, finds, licence, replies, sets

VICES = [
    Wrong("redirects", {"answer.status"}, replies(sets(status=302)), words="重定向"),
    Wrong("trusts nobody", {"signature.accepted"}, replies(sets(status=401)), words="gateway-1"),
    Wrong("is down", {"availability.5xx"}, replies(sets(status=502)), words="502"),
    Wrong("signs nothing", {"answer.signature"}, replies(sets(signed=False)), words="缺少"),
    Wrong("answers text", {"answer.media_type"}, replies(sets(media_type="text/json")), words=JSON),
    Wrong("answers a list", {"answer.json"}, replies(sets(body=b"[]"))),
    Wrong("answers no UTF-8", {"answer.json"}, replies(sets(body=b'{"a": "\xff"}'))),
    Wrong("answers too much", {"answer.size"}, replies(sets(body=b'"' + b"x" * 2**21 + b'"'))),
    Wrong("leaves out a field", {"answer.schema"}, licence(region_code="44"), words="/licences/0"),
    Wrong(
        "has no offset",
        {"answer.schema"},
        answers(lambda document, query: document.update(as_of="2026-11-23T10:00:00")),
        words="/as_of",
    ),
]


@pytest.mark.parametrize("wrong", VICES, ids=lambda wrong: wrong.name)
async def test_a_vice_is_named(start: Start, wrong: Wrong) -> None:
    await finds(start, wrong)
