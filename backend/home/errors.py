"""Refusals of the home page."""

from backend.errors import DomainError


class HomeError(DomainError):
    """Base of the package's errors."""


class SectionNotFound(HomeError):
    """No registered system answers for a section of that code."""

    code = "home.section_not_found"
    title = "No such section"
    detail = "没有这个栏目，请返回首页刷新。"
    kind = "not_found"
