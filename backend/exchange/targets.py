"""What the connector has to know of a system, worked out from its manifest."""

from collections.abc import Iterable
from typing import Any

from backend.exchange.interface import contracts
from backend.exchange.manifest import AddressKind, Manifest
from backend.upstream.connector import Operation, Target
from backend.upstream.signing import public_key


def target_of(
    manifest: Manifest,
    address: AddressKind = "production",
    revoked: frozenset[str] = frozenset(),
) -> Target:
    """The target of a system's calls, at one of its two addresses.

    Args:
        revoked: ids of keys whose signatures count no more.
    """
    longest = manifest.time_outs.answer_ms
    return Target(
        code=manifest.system.code,
        base_url=manifest.endpoints.of(address),
        keys={
            key.id: public_key(key.alg, key.public)
            for key in manifest.keys
            if key.id not in revoked
        },
        signed_by=manifest.keys[0].alg,
        operations={
            name: Operation(
                path=operation.path,
                timeout_s=min(operation.timeout_ms, longest) / 1000,
                safe=contracts()[name].safe,
                is_valid=contracts()[name].is_valid,
                concurrency=operation.concurrency,
            )
            for name, operation in _named(manifest)
        },
        connect_s=manifest.time_outs.connect_ms / 1000,
        concurrency=manifest.limits.concurrency,
    )


def _named(manifest: Manifest) -> Iterable[tuple[str, Any]]:
    return [(str(name), operation) for name, operation in manifest.operations.items()]
