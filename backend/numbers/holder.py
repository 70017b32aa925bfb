"""持证主体: whom a licence or a record belongs to, as provincial systems are asked about them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Holder:
    """A natural person or a legal entity.

    Attributes:
        code_type: 持证主体代码类型 (GB/T 36903): ``111`` 公民身份号码, ``001`` 统一社会信用代码…
        code: the number itself; personal, never logged.
        name: as registered.
    """

    code_type: str
    code: str
    name: str

    def as_payload(self) -> dict[str, str]:
        """As the provider interface takes it."""
        return {"code_type": self.code_type, "code": self.code, "name": self.name}
