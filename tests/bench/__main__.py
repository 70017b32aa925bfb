"""``make bench``: each bench prints one JSON line; ``ONLY=name`` runs one.

A ratio is always against something measured in the same run, in turns, on the same core, so that
whatever else the machine does weighs on both.
"""

import argparse
import sys

from tests.bench import (
    assistant_hit,
    bulkhead,
    case_submit,
    catalogue_scale,
    enterprise_home,
    exchange_call,
    home_cold,
    policy_match,
    present_round_trip,
    presentation_verify,
    second_start,
    wallet_bytes,
    wallet_read,
    wallet_read_scale,
)
from tests.bench.report import Report

BENCHES = {
    "presentation_verify": presentation_verify.run,
    "present_round_trip": present_round_trip.run,
    "second_start": second_start.run,
    "wallet_read": wallet_read.run,
    "wallet_bytes": wallet_bytes.run,
    "home_cold": home_cold.run,
    "enterprise_home": enterprise_home.run,
    "exchange_call": exchange_call.run,
    "bulkhead": bulkhead.run,
    "case_submit": case_submit.run,
    "policy_match": policy_match.run,
    "policy_match_one": policy_match.run_one,
    "assistant_hit": assistant_hit.run,
    "catalogue_scale": catalogue_scale.run,
    "wallet_read_scale": wallet_read_scale.run,
}


def main() -> int:
    """Run the benches asked for; 1 if any of them misses its target."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure, one JSON line each.")
    parser.add_argument("--only", choices=sorted(BENCHES), help="run this one alone")
    only = parser.parse_args().only
    missed = 0
    for name, run in BENCHES.items():
        if only in (None, name):
            report: Report = run()
            report.emit(name)
            missed += not report.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
