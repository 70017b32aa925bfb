"""Why the conformance kit could not begin. What a system does wrong is no error but a finding.

ConformanceError
├── KeyUnusable       the file of the signing key cannot be read, or is none
├── SubjectsUnusable  the file of test subjects cannot be read, or is none
├── AddressUnusable   the address to call is none
├── OperationUnknown  the manifest does not offer the operation that was asked for
└── Sm2Missing        the system signs with SM2 and this machine cannot verify it
"""

from typing import Any

from backend.errors import DomainError


class ConformanceError(DomainError):
    """Base of the package's errors."""

    code = "conformance.failed"
    title = "The conformance kit cannot run"


class KeyUnusable(ConformanceError):
    """A key file that cannot be used; its contents stay out of the message."""

    code = "conformance.key_unusable"
    title = "The signing key cannot be used"
    kind = "invalid"

    def __init__(self, file: str, why: str) -> None:
        self.file = file
        super().__init__(f"签名密钥文件 {file} 不能使用：{why}。可用 --new-key 新建一个。")


class SubjectsUnusable(ConformanceError):
    """A file of test subjects that cannot be used.

    Attributes:
        errors: ``{"pointer": RFC 6901, "message": Chinese}`` for each place.
    """

    code = "conformance.subjects_unusable"
    title = "The test subjects cannot be used"
    kind = "invalid"

    def __init__(self, file: str, errors: list[dict[str, str]]) -> None:
        self.errors = errors
        places = "；".join(f"{e['pointer']} {e['message']}".strip() for e in errors[:5])
        super().__init__(f"测试对象文件 {file} 有 {len(errors)} 处需要更正：{places}。")

    def context(self) -> dict[str, Any]:
        """The list of mistakes."""
        return {"errors": self.errors}


class AddressUnusable(ConformanceError):
    """What was given as the address to call is none."""

    code = "conformance.address_unusable"
    title = "The address cannot be called"
    kind = "invalid"

    def __init__(self, why: str) -> None:
        super().__init__(f"--base-url 不能使用：{why}。")


class OperationUnknown(ConformanceError):
    """The manifest does not offer this operation."""

    code = "conformance.operation_unknown"
    title = "No such operation in the manifest"
    kind = "not_found"

    def __init__(self, operation: str, offered: list[str]) -> None:
        super().__init__(
            f"清单没有登记接口 {operation}，登记的有：{'、'.join(offered) or '（没有）'}"
        )


class Sm2Missing(ConformanceError):
    """This machine cannot verify the system's signatures."""

    code = "conformance.sm2_missing"
    title = "No SM2 on this machine"
    detail = "清单登记了 SM2 密钥，而本机的 OpenSSL 不支持 SM2，请换用有 OpenSSL 3 的机器。"
