"""S3-compatible object storage: put, get and delete of one bucket, signed by AWS Signature 4.

Three calls of one dialect, path-style, which every S3-compatible store speaks; a client library of
its own weight would bring nothing. What is stored here was sealed before: the store keeps bytes
that it cannot read. Calls come from threads that may wait, never from the event loop.

ObjectsError
├── ObjectsUnreachable   no usable answer; whether a write arrived is not known, it may be repeated
└── ObjectsRefused       the store does not let us: keys, bucket or clock are wrong
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import httpx
import structlog

# A document of a decision is kept while its transaction waits: not for long.
TIME_OUT = httpx.Timeout(5.0, connect=2.0)
ATTEMPTS = 2
_WAIT_S = 0.2
_SERVICE = "s3"
log = structlog.get_logger("objects")


class ObjectsError(Exception):
    """The store did not do it."""


class ObjectsUnreachable(ObjectsError):
    """No answer in time, or one of trouble."""


class ObjectsRefused(ObjectsError):
    """The store answered that it will not."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where objects lie, and who writes them.

    Attributes:
        url: of the bucket, ``https://store.example/bucket``, path-style.
    """

    url: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)


class Objects:
    """The objects of one bucket below a prefix; may be used from several threads.

    Args:
        clock: gives Unix time.
    """

    def __init__(
        self, bucket: Bucket, prefix: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        self._bucket, self._prefix, self._clock = bucket, prefix, clock
        parts = urlsplit(bucket.url.rstrip("/"))
        self._host, self._path = parts.netloc, parts.path
        self._client = httpx.Client(
            base_url=f"{parts.scheme}://{parts.netloc}", timeout=TIME_OUT, follow_redirects=False
        )

    def write(self, name: str, sealed: bytes) -> None:
        """Put an object; it is there for good when this returns.

        Raises:
            ObjectsUnreachable, ObjectsRefused.
        """
        self._ask("PUT", name, sealed)

    def read(self, name: str) -> bytes:
        """An object.

        Raises:
            FileNotFoundError: there is none of that name.
            ObjectsUnreachable, ObjectsRefused.
        """
        return self._got(name, {})

    def read_head(self, name: str, length: int) -> bytes:
        """So many first bytes of an object; all of it where it has no more.

        Raises:
            FileNotFoundError: there is none of that name.
            ObjectsUnreachable, ObjectsRefused.
        """
        return self._got(name, {"range": f"bytes=0-{length - 1}"})[:length]

    def remove(self, name: str) -> None:
        """Delete an object; one that is not there is no error.

        Raises:
            ObjectsUnreachable, ObjectsRefused.
        """
        self._ask("DELETE", name)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _got(self, name: str, headers: Mapping[str, str]) -> bytes:
        answer = self._ask("GET", name, headers=headers)
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise FileNotFoundError(name)
        return answer.content

    def _ask(
        self, method: str, name: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """One call, repeated while the store is in trouble: each of the three may come twice."""
        path = quote(f"{self._path}/{self._prefix}{name}", safe="/-_.~")
        for tries_left in reversed(range(ATTEMPTS)):
            moment = datetime.fromtimestamp(self._clock(), UTC)
            signed = signed_headers(self._bucket, method, self._host, path, body, moment, headers)
            try:
                answer = self._client.request(method, path, content=body, headers=signed)
            except httpx.HTTPError as error:
                trouble: str = type(error).__name__
            else:
                if answer.is_success:
                    return answer
                if answer.status_code == httpx.codes.NOT_FOUND and method != "PUT":
                    if _missing_bucket(answer):
                        raise ObjectsRefused
                    return answer
                trouble = str(answer.status_code)
                if answer.is_client_error and answer.status_code not in (408, 429):
                    log.error("objects.refused", method=method, status=answer.status_code)
                    raise ObjectsRefused
            if tries_left:
                time.sleep(_WAIT_S * (ATTEMPTS - tries_left))
        log.error("objects.unreachable", method=method, trouble=trouble)
        raise ObjectsUnreachable


def _missing_bucket(answer: httpx.Response) -> bool:
    """Whether a 404 speaks of the whole bucket: that loses no file, it is set up wrong."""
    return b"NoSuchBucket" in answer.content


def signed_headers(
    bucket: Bucket, method: str, host: str, path: str, body: bytes, moment: datetime,
    more: Mapping[str, str] | None = None, query: str = "",
) -> dict[str, str]:  # fmt: skip
    """The headers of a call with its signature (AWS Signature Version 4, one chunk).

    Args:
        path: as it goes over the wire, encoded once.
        more: further headers that are signed, lower case.
        query: encoded, its parameters in order.
    """
    stamp = moment.strftime("%Y%m%dT%H%M%SZ")
    digest = hashlib.sha256(body).hexdigest()
    headers = {
        "host": host, "x-amz-content-sha256": digest, "x-amz-date": stamp, **(more or {}),
    }  # fmt: skip
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    canonical = "\n".join((method, path, query, lines, names, digest))
    scope = f"{stamp[:8]}/{bucket.region}/{_SERVICE}/aws4_request"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashed}"
    signature = hmac.new(_key(bucket, stamp[:8]), text.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={bucket.access_key}/{scope},"
        f"SignedHeaders={names},Signature={signature}"
    )
    return headers


def _key(bucket: Bucket, day: str) -> bytes:
    key = f"AWS4{bucket.secret_key}".encode()
    for part in (day, bucket.region, _SERVICE, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
