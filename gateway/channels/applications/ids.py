"""What stands in addresses and files of applications, and what is no such thing."""

from uuid import UUID

from sanic import HTTPResponse

from backend.cases import errors


def file_answer(content: bytes, media_type: str, name: str = "") -> HTTPResponse:
    """A file for the phone: never kept by a cache in between, never guessed at."""
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    if name:
        headers["content-disposition"] = f'attachment; filename="{name}"'
    return HTTPResponse(content, headers=headers, content_type=media_type)


def draft_uuid(text: str) -> UUID:
    """The id of a draft."""
    try:
        return UUID(text)
    except ValueError:
        raise errors.DraftUnknown from None


def file_uuid(text: str) -> UUID:
    """The id of a file."""
    try:
        return UUID(text)
    except ValueError:
        raise errors.FileUnknown from None
