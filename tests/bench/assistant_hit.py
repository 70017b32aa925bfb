"""The assistant's question set without a model: the share of right sources, and the time for one.

Asked of all guides, policies and questions of the sandbox, in the order of the set and three times
over; a question is timed from its text to the ranked sources, as a worker does it.
"""

import statistics
import tempfile
import time
from pathlib import Path

from backend.assistant.index import Index, write_index
from backend.assistant.ranking import rank
from tests.bench.report import Report
from tests.unit.assistant.questions import places, questions, sources

TARGET, TARGET_MS, ROUNDS, AMONG = 0.9, 50.0, 3, 3


def run() -> Report:
    """Right source among the first three; p99 in ms."""
    took: list[float] = []
    cpu: list[float] = []
    hits = first = unanswered = 0
    asked = questions()
    with tempfile.TemporaryDirectory(prefix="assistant-hit-") as folder:
        write_index(Path(folder), sources(), places())
        index = Index(Path(folder))
        for _ in range(ROUNDS):
            hits = first = unanswered = 0
            for question in asked:
                began, worked = time.perf_counter(), time.process_time()
                found = rank(index, question.text, question.side)
                took.append((time.perf_counter() - began) * 1000)
                cpu.append((time.process_time() - worked) * 1000)
                ids = [one.source.id for one in found[:AMONG]]
                hits += bool(question.wanted.intersection(ids))
                first += bool(question.wanted.intersection(ids[:1]))
                unanswered += not question.wanted and not any(one.sure for one in found)
    known = sum(bool(question.wanted) for question in asked)
    p99, cpu_p99 = (sorted(each)[int(len(each) * 0.99)] for each in (took, cpu))
    return Report(
        hits / known, "share", hits / known >= TARGET and p99 <= TARGET_MS,
        details={
            "questions": len(asked), "sources": len(sources()), "first": round(first / known, 3),
            "outside": len(asked) - known, "outside_not_answered": unanswered,
            "p50_ms": round(statistics.median(took), 2), "p99_ms": round(p99, 2),
            "cpu_p99_ms": round(cpu_p99, 2),
        },
    )  # fmt: skip
