"""Refusals about region codes."""

from backend.errors import DomainError


class RegionsError(DomainError):
    """Base of the package's errors.

    Attributes:
        region: the code as it was given.
    """

    code = "regions.failed"
    title = "Region lookup failed"

    def __init__(self, region: str) -> None:
        self.region = region
        super().__init__()

    def context(self) -> dict[str, str]:
        """The code that was refused."""
        return {"region": self.region[:20]}


class RegionCodeInvalid(RegionsError):
    """Not a code of 6, 9 or 12 digits."""

    code = "regions.code_invalid"
    title = "Not a region code"
    kind = "invalid"
    detail = "行政区划代码应为 6 位、9 位或 12 位数字，请检查后再试。"


class RegionUnknown(RegionsError):
    """A well-formed code that no table knows, or a village (villages are not kept)."""

    code = "regions.unknown"
    title = "Unknown region"
    detail = "没有找到这个地区，请重新选择所在地区。"
    kind = "not_found"
