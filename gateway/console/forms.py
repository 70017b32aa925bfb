"""What a form brings: texts by name, files, and their reading into a model."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict
from sanic import Request
from sanic.request import File

from gateway.edge.bodies import validate
from gateway.edge.problems import RequestInvalid

CSRF_FIELD = "csrf"


class FormIn(BaseModel):
    """Base of what a form brings: texts stripped, what is not asked for left aside."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)


ModelT = TypeVar("ModelT", bound=BaseModel)


class Form:
    """The fields of a form, empty on a page that was only opened.

    Args:
        texts: by name; each may have been given several times (checkboxes).
    """

    def __init__(self, texts: Mapping[str, list[str]], files: Mapping[str, list[File]]) -> None:
        self._texts, self._files = texts, files

    @classmethod
    def of(cls, request: Request) -> "Form":
        """What a request brings in its body.

        Raises:
            RequestInvalid: with a character that no text here can have.
        """
        if request.method != "POST":
            return cls({}, {})
        texts = {name: list(values) for name, values in (request.form or {}).items()}
        if any("\0" in text for values in texts.values() for text in values):
            raise RequestInvalid([{"pointer": "", "message": "含有不能使用的字符"}])
        files = {name: list(values) for name, values in (request.files or {}).items()}
        return cls(texts, files)

    def get(self, name: str, default: str = "") -> str:
        """A text, the last of that name."""
        values = self._texts.get(name)
        return values[-1] if values else default

    def all(self, name: str) -> list[str]:
        """Every text of a name: the ticked of several checkboxes."""
        return self._texts.get(name, [])

    def __contains__(self, name: str) -> bool:
        return name in self._texts

    def __iter__(self) -> Iterator[str]:
        """The names of its texts."""
        return iter(self._texts)

    def __bool__(self) -> bool:
        return bool(self._texts)

    def file(self, name: str) -> bytes | None:
        """The contents of a chosen file; None when none was chosen."""
        found = self._files.get(name)
        return bytes(found[0].body) if found and found[0].name else None

    def read(self, model: type[ModelT]) -> ModelT:
        """The form as a model; a field that is a list takes every text of its name.

        Raises:
            RequestInvalid: not of the described shape; the pages show it beside the fields.
        """
        data: dict[str, Any] = {}
        for name, values in self._texts.items():
            described = model.model_fields.get(name)
            several = described is not None and "list" in str(described.annotation)
            data[name] = values if several else values[-1]
        return validate(model, data)
