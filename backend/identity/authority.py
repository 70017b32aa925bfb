"""The registered system that knows who people are, asked about a name and a number or a face."""

from dataclasses import dataclass
from enum import Enum

from backend.exchange.service import Exchange, ProviderSystem
from backend.identity.errors import AuthorityMissing
from backend.numbers.service import IdNumber
from backend.upstream.deadline import Deadline
from backend.upstream.errors import UpstreamUntrusted

MATCH_S, FACE_S = 3.0, 8.0


class Result(Enum):
    """What the authority says of a name and a number."""

    MATCH = "match"
    MISMATCH = "mismatch"
    DECEASED = "deceased"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The authority's answer.

    Attributes:
        previous_numbers: that the same person bore before, newest first.
    """

    result: Result
    previous_numbers: tuple[str, ...]


class Authority:
    """Asks whichever registered system offers the operation."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def match(
        self, name: str, number: IdNumber, deadline: Deadline | None = None, trace: str = ""
    ) -> Verdict:
        """Whether name and number belong together (二要素核验).

        Args:
            deadline: of the phone's request; at most ``MATCH_S`` seconds are waited.

        Raises:
            AuthorityMissing, UpstreamError: nobody could tell.
        """
        system = self._offering("identity.match")
        answer = await self._exchange.call(
            system,
            "identity.match",
            {"name": name, "id_type": number.id_type, "id_number": number.value},
            (deadline or Deadline.after(MATCH_S)).within(MATCH_S),
            trace,
        )
        previous = answer.get("previous_numbers") or []
        try:
            result = Result(answer.get("result"))
        except ValueError:
            raise UpstreamUntrusted(system.code, "result") from None
        if not isinstance(previous, list):
            raise UpstreamUntrusted(system.code, "previous_numbers")
        return Verdict(result, tuple(each for each in previous if isinstance(each, str)))

    async def face(
        self,
        name: str,
        id_number: str,
        image: str,
        deadline: Deadline | None = None,
        trace: str = "",
    ) -> bool:
        """Whether a photo shows the bearer of a number (实人核验).

        Args:
            image: base64; handed on and forgotten.
            deadline: of the phone's request; at most ``FACE_S`` seconds are waited.

        Raises:
            AuthorityMissing, UpstreamError: nobody could tell.
        """
        system = self._offering("identity.face")
        answer = await self._exchange.call(
            system,
            "identity.face",
            {"name": name, "id_number": id_number, "image": image},
            (deadline or Deadline.after(FACE_S)).within(FACE_S),
            trace,
        )
        passed = answer.get("passed")
        if not isinstance(passed, bool):
            raise UpstreamUntrusted(system.code, "passed")
        return passed

    def _offering(self, operation: str) -> ProviderSystem:
        systems = self._exchange.with_operation(operation)
        if not systems:
            raise AuthorityMissing
        return systems[0]
