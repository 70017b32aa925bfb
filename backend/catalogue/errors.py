"""Errors of the catalogue.

CatalogueError
├── ItemsRefused      a registered item breaks the shape or a publication check
├── ItemNotFound      no item of that code is published
└── CursorInvalid     a page cursor was not made by this list
"""

from typing import ClassVar

from backend.errors import DomainError, Kind, PlacesWrong


class CatalogueError(DomainError):
    """Base of the catalogue's errors."""

    code: ClassVar[str] = "catalogue"
    title: ClassVar[str] = "Catalogue error"


class ItemsRefused(CatalogueError, PlacesWrong):
    """Items of a system cannot be published; every place that has to be mended is listed.

    Attributes:
        errors: dictionaries with ``pointer`` (JSON pointer into the list of items), ``element``
            (the element's Chinese name and field) and ``message`` (why, in Chinese).
    """

    code: ClassVar[str] = "catalogue.items_refused"
    title: ClassVar[str] = "Service items refused"
    detail = "部分事项不符合发布要求，请按所列位置修改后重新登记。"
    kind: ClassVar[Kind] = "invalid"

    def __str__(self) -> str:
        first = self.errors[0] if self.errors else {"pointer": "", "message": ""}
        return f"{self.code}: {first['pointer']} {first['message']} (of {len(self.errors)})"


class ItemNotFound(CatalogueError):
    """There is no published item of that code."""

    code: ClassVar[str] = "catalogue.item_not_found"
    title: ClassVar[str] = "Service item not found"
    detail = "没有找到这个事项，可能已经下线。请回到“办事”重新查找，或拨打 12345 咨询。"
    kind: ClassVar[Kind] = "not_found"


class CursorInvalid(CatalogueError):
    """The cursor was not given out by this list, or the list has other filters now."""

    code: ClassVar[str] = "catalogue.cursor_invalid"
    title: ClassVar[str] = "Page cursor invalid"
    detail = "翻页位置已失效，请从第一页重新查看。"
    kind: ClassVar[Kind] = "invalid"
