"""Refusals of the audit package."""

from backend.errors import DomainError


class AuditError(DomainError):
    """Base of what can go wrong around the audit."""


class CursorInvalid(AuditError):
    """The cursor is not one of ours."""

    code = "audit.cursor_invalid"
    title = "Not a cursor of ours"
    detail = "翻页位置无效，请从第一页开始。"
    kind = "invalid"
