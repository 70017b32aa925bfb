"""Which policies are still open before any source is asked, so that none is asked in vain.

What a policy could not use any more is not asked for (个人信息保护法 art. 6: no more data than the
purpose takes). A condition that fails stays failed whatever else becomes known, so nothing matches
more or less for it.
"""

from collections.abc import Mapping
from datetime import date

from backend.policies.document import Policy
from backend.policies.judging import Judge
from backend.policies.variables import IDENTITY, REGISTER, Raw, variables

# Known of whoever comes, without asking a source under a grant.
GIVEN = frozenset({IDENTITY, REGISTER})


class Narrowing:
    """What is given of one subject, held against policies.

    Args:
        facts: what is known, of which only what is given counts here.
    """

    def __init__(self, facts: Mapping[str, Raw], today: date) -> None:
        given = {name: raw for name, raw in facts.items() if variables()[name].source in GIVEN}
        lasting = {name: raw for name, raw in given.items() if not variables()[name].dated}
        self._today, self._ever = Judge(given, today), Judge(lasting, today)

    def leaves_open(self, policy: Policy) -> bool:
        """Whether the sources of a policy are asked.

        One that finds people by itself is held against what is kept on later days as well, when
        nobody is asked: an age or a term, which change by themselves, do not rule it out.
        """
        judge = self._ever if policy.document.kind == "automatic" else self._today
        return judge.one(policy).matched is not False
