"""The page of statistics: what was asked and answered, from counts alone.

No word of a person is in them. Cards by class are shown for the whole period, and not
below five: few of a kind could tell who they were.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from knowledge.console import models
from knowledge.console.charts import Chart, stacked
from knowledge.console.words import topics, words

FEWEST = 5
PERIODS = (4, 12, 26, 52)  # weeks
FATES = ("answer", "suggest", "abstain", "error")  # what became of a question
SHOWN = ("answer", "opened")  # kinds whose detail is an article that was shown
THUMBS = ("good", "bad")
OLDEST = (30, 90, 180)  # days since a number was checked
WORST = 10
_TOPIC = ("uid", "topic", "live")
_OTHER = "other"
Key = tuple[date, str, str, str]  # week (its Monday), channel, kind, detail


@dataclass(frozen=True, slots=True)
class Table:
    """A chart, where there is one, and the same numbers as a table."""

    name: str
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Any]]
    chart: Chart | None = None


def take(rows: list[dict[str, Any]]) -> None:
    """Take the gateway's counts in; each is the whole count of its day."""
    counts = [models.Count(**row) for row in rows]
    with transaction.atomic():
        models.Count.objects.bulk_create(
            counts,
            batch_size=500,
            update_conflicts=True,
            update_fields=["number"],
            unique_fields=["day", "channel", "kind", "detail"],
        )


def show(request: HttpRequest) -> HttpResponse:
    """Show the page, or the same numbers as a file with `?export=csv`."""
    try:
        weeks = int(request.GET.get("weeks", PERIODS[1]))
    except ValueError:
        weeks = PERIODS[1]
    weeks = weeks if weeks in PERIODS else PERIODS[1]
    first = monday(timezone.localdate()) - timedelta(weeks=weeks - 1)
    counts = by_week(first)
    tables = [
        *_questions(first, weeks, counts),
        _topics(counts),
        _cards(counts),
        *_feedback(first, weeks, counts),
        _ages(),
    ]
    if request.GET.get("export") == "csv":
        return _file(tables, first)
    page = {
        "tables": tables,
        "weeks": weeks,
        "periods": PERIODS,
        "first": first,
        "is_empty": not counts,
    }
    return render(request, "console/statistics.html", page)


def monday(day: date) -> date:
    """Return the first day of a day's week."""
    return day - timedelta(days=day.weekday())


def by_week(first: date) -> Counter[Key]:
    """Return the counts since a Monday, by week."""
    counts: Counter[Key] = Counter()
    for row in models.Count.objects.filter(day__gte=first):
        counts[monday(row.day), row.channel, row.kind, row.detail] += row.number
    return counts


def _questions(first: date, weeks: int, counts: Counter[Key]) -> Iterable[Table]:
    said = words()["statistics"]
    yield _by_week("questions", first, weeks, counts, FATES)
    channels = sorted({key[1] for key in counts})
    rows = []
    for channel in channels:
        parts = [_sum(counts, kind=kind, channel=channel) for kind in FATES]
        rows.append((said["channels"].get(channel, channel), *parts, sum(parts)))
    head = (said["channel"], *(said["kinds"][kind] for kind in FATES), said["total"])
    yield Table("channels", said["titles"]["channels"], head, rows)


def _by_week(
    name: str, first: date, weeks: int, counts: Counter[Key], kinds: Sequence[str]
) -> Table:
    said = words()["statistics"]
    days = [first + timedelta(weeks=number) for number in range(weeks)]
    values = [[_sum(counts, kind=kind, week=day) for kind in kinds] for day in days]
    names = [said["kinds"][kind] for kind in kinds]
    columns = [f"{day:%d/%m}" for day in days]
    rows = [
        (f"{day:%d/%m/%Y}", *parts, sum(parts))
        for day, parts in zip(days, values, strict=True)
    ]
    title = said["titles"][name]
    chart = stacked(title, columns, names, values) if any(map(sum, values)) else None
    return Table(name, title, (said["week"], *names, said["total"]), rows, chart)


def _topics(counts: Counter[Key]) -> Table:
    """Return how many articles a topic has, and what part of the reading it gets."""
    said = words()["statistics"]
    names = dict(topics())
    live: Counter[str] = Counter()
    topic_of: dict[str, str] = {}
    for uid, topic, is_live in models.Article.objects.values_list(*_TOPIC):
        topic_of[uid] = topic if topic in names else _OTHER
        live[topic_of[uid]] += is_live
    shown: Counter[str] = Counter()
    for (_week, _channel, kind, detail), number in counts.items():
        if kind in SHOWN and detail in topic_of:
            shown[topic_of[detail]] += number
    total = sum(shown.values())
    rows = [
        (name, live[topic], shown[topic], _percent(shown[topic], total))
        for topic, name in names.items()
        if live[topic] or shown[topic]
    ]
    rows.sort(key=lambda row: -row[2])
    return Table("topics", said["titles"]["topics"], said["topic_head"], rows)


def _cards(counts: Counter[Key]) -> Table:
    said = words()["statistics"]
    by_class: Counter[str] = Counter()
    for (_week, _channel, kind, detail), number in counts.items():
        if kind == "card":
            by_class[detail] += number
    rows = [
        (said["classes"].get(name, name), number if number >= FEWEST else said["few"])
        for name, number in by_class.most_common()
    ]
    return Table("cards", said["titles"]["cards"], said["card_head"], rows)


def _feedback(first: date, weeks: int, counts: Counter[Key]) -> Iterable[Table]:
    said = words()["statistics"]
    yield _by_week("feedback", first, weeks, counts, THUMBS)
    bad: Counter[str] = Counter()
    good: Counter[str] = Counter()
    for (_week, _channel, kind, detail), number in counts.items():
        if kind in THUMBS:
            (good if kind == "good" else bad)[detail] += number
    titles = dict(models.Article.objects.values_list("uid", "title"))
    rows = [
        (titles.get(name, name), good[name], number)
        for name, number in bad.most_common(WORST)
    ]
    yield Table("worst", said["titles"]["worst"], said["worst_head"], rows)


def _ages() -> Table:
    """Return how long ago the numbers that the bot shows were checked."""
    said = words()["statistics"]
    lines = models.DirectoryEntry.objects.filter(live=True)
    used = lines.filter(confidence__in=("high", "medium"))
    ages = [line.days_unchecked for line in used]
    known = [age for age in ages if age is not None]
    bounds = (-1, *OLDEST, 10**6)
    rows = [
        (name, sum(low < age <= high for age in known))
        for name, low, high in zip(said["ages"], bounds, bounds[1:], strict=False)
    ]
    rows.append((said["ages"][-1], len(ages) - len(known)))
    chart = stacked(
        said["titles"]["ages"],
        [str(name) for name, _number in rows],
        [said["age_head"][1]],
        [[number] for _name, number in rows],
    )
    return Table("ages", said["titles"]["ages"], said["age_head"], rows, chart)


def _sum(counts: Counter[Key], kind: str, week: Any = None, channel: Any = None) -> int:
    return sum(
        number
        for (day, place, name, _detail), number in counts.items()
        if name == kind and week in (None, day) and channel in (None, place)
    )


def _percent(part: int, total: int) -> str:
    return f"{100 * part / total:.0f} %" if total else ""


def _file(tables: Iterable[Table], first: date) -> HttpResponse:
    """Return every table below its title; the mark at the start is for Excel."""
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    name = f"thong-ke-{first:%Y-%m-%d}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(answer)
    for table in tables:
        writer.writerow([table.title])
        writer.writerow(table.head)
        writer.writerows([_plain(value) for value in row] for row in table.rows)
        writer.writerow([])
    return answer


def _plain(value: Any) -> Any:
    """Keep a title from being read as a formula."""
    is_formula = isinstance(value, str) and value.startswith(("=", "+", "-", "@"))
    return f"'{value}" if is_formula else value
