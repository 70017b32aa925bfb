"""AWS Signature Version 4, by the examples that AWS publishes for S3.

“Authenticating Requests: Using the Authorization Header”, payload in a single chunk.
"""

from datetime import UTC, datetime

import pytest

from backend.upstream.objects import Bucket, signed_headers

HOST = "examplebucket.s3.amazonaws.com"
BUCKET = Bucket(
    f"https://{HOST}", "us-east-1", "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
)  # fmt: skip
THEN = datetime(2013, 5, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("method", "path", "body", "more", "query", "signature"),
    [
        (
            "GET", "/test.txt", b"", {"range": "bytes=0-9"}, "",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT", "/test%24file.text", b"Welcome to Amazon S3.",
            {
                "date": "Fri, 24 May 2013 00:00:00 GMT",
                "x-amz-storage-class": "REDUCED_REDUNDANCY",
            },
            "", "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            "GET", "/", b"", {}, "lifecycle=",
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
    ],
)  # fmt: skip
def test_the_published_examples(
    method: str, path: str, body: bytes, more: dict[str, str], query: str, signature: str
) -> None:
    made = signed_headers(BUCKET, method, HOST, path, body, THEN, more, query)
    assert made["authorization"].endswith(f"Signature={signature}")


def test_the_secret_is_not_shown() -> None:
    assert "wJalr" not in repr(BUCKET)
