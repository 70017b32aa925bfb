"""Why a request with an ``Idempotency-Key`` is not carried out."""

from backend.errors import DomainError


class IdempotencyError(DomainError):
    """Base of the package's errors."""

    code = "idempotency.failed"
    title = "The key cannot be used"


class KeyMalformed(IdempotencyError):
    """The header does not hold 8 to 128 visible ASCII characters."""

    code = "idempotency.key_malformed"
    title = "The Idempotency-Key is malformed"
    detail = "请求头 Idempotency-Key 应为 8 到 128 个字母、数字或符号。"
    kind = "invalid"


class KeyReused(IdempotencyError):
    """The same key came before with another request."""

    code = "idempotency.key_reused"
    title = "The Idempotency-Key was used for another request"
    detail = "这个请求编号已用于另一次提交，请刷新页面后重新提交。"
    kind = "unprocessable"


class StillWorking(IdempotencyError):
    """The first request with this key has not ended yet.

    Attributes:
        retry_after: seconds.
    """

    code = "idempotency.in_progress"
    title = "The first request with this key is still being worked on"
    detail = "上一次提交正在处理，请稍候，不要重复提交。"
    kind = "conflict"
    retry_after = 1
