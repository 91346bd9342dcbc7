"""Print how long an assessment takes; a script and no test, machines differ.

python -m tests.safety.speed
"""

from __future__ import annotations

import statistics
import time

from bot.safety.assess import assess
from tests.safety.tables import load_cases

REPEATS = 30


def measure(text: str) -> tuple[float, float]:
    """Return median and largest processor time of an assessment in milliseconds."""
    times = []
    for number in range(REPEATS):
        start = time.process_time()
        assess(f"{text} {number}")
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times), max(times)


def main() -> None:
    """Measure a short message, 200 words, and 10,000 characters."""
    clauses = [c.text for c in load_cases("clauses.csv")]
    story = ". ".join(clauses * 40)
    texts = {
        "10 words": " ".join(story.split()[:10]),
        "200 words": " ".join(story.split()[:200]),
        "10,000 characters": story[:10_000],
    }
    assess(story)
    for name, text in texts.items():
        middle, largest = measure(text)
        print(f"{name:<18} median {middle:6.2f} ms   largest {largest:6.2f} ms")


if __name__ == "__main__":
    main()
