"""What the connector has to know of a system, worked out from its manifest."""

from collections.abc import Iterable
from typing import Any

from backend.exchange.manifest import Manifest
from backend.upstream.connector import Operation, Target
from backend.upstream.signing import public_key


def target_of(manifest: Manifest) -> Target:
    """The target of a system's calls."""
    longest = manifest.time_outs.answer_ms
    return Target(
        code=manifest.system.code,
        base_url=manifest.endpoint.base_url,
        keys={key.id: public_key(key.public) for key in manifest.keys},
        operations={
            name: Operation(operation.path, min(operation.timeout_ms, longest) / 1000)
            for name, operation in _named(manifest)
        },
        connect_s=manifest.time_outs.connect_ms / 1000,
        concurrency=manifest.limits.concurrency,
    )


def _named(manifest: Manifest) -> Iterable[tuple[str, Any]]:
    return [(str(name), operation) for name, operation in manifest.operations.items()]
