"""Times of the console: `python -m tests.console.measure [--articles 1000]`.

Everything is real and local: the console as `make run` starts it (one process, four
threads), its worker, the action server, a fresh SQLite database with the seed and
copies of its articles. Pages are asked for one after the other by a signed-in person,
each in full, from the request to the last byte. "Approved -> answered" runs from the
moment the second person's approval is sent until the action server answers with the new
sentence.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from tests.servers import ROOT, free_port, wait_until

if TYPE_CHECKING:
    from tests.console.staff import Staff

ARTICLE = "bao-nhieu-tuoi-la-tre-em"
ASKED = 40
ROUNDS = 5
PAGES = {
    "list of articles": "/bai-viet/",
    "list, tenth page": "/bai-viet/?p=10",
    "search without marks": "/bai-viet/results/?q=bao+luc+gia+dinh",
    "search, whole page": "/bai-viet/?q=tuoi+tre+em",
    "home page": "/",
}


def main() -> None:
    """Print p50 and p95 of the pages, then the approvals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="console-") as home:
        set_up(Path(home))
        measure(given.articles, given.rounds)


def set_up(home: Path) -> None:
    """Point every process, this one included, to a home of its own."""
    address = f"http://127.0.0.1:{free_port()}"
    os.environ |= {
        "DATA_DIR": str(home),
        "DJANGO_SETTINGS_MODULE": "knowledge.console.settings",
        "CONSOLE_DATABASE_URL": "",
        "CONSOLE_URL": address,
        "CONSOLE_PORT": address.rsplit(":", 1)[1],
        "ACTIONS_PORT": str(free_port()),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
    }


def measure(articles: int, rounds: int) -> None:
    """Start what is needed and ask."""
    began = time.monotonic()
    command("console_prepare")
    print(f"first start: database and seed in {time.monotonic() - began:.1f} s")
    import django

    django.setup()
    from tests.console.staff import hire

    add_copies(articles)
    lan, minh = hire("lan", "editor"), hire("minh", "reviewer")
    with processes("knowledge.console.serve console"), client_of(minh) as http:
        wait_until(
            lambda: answers(f"{os.environ['CONSOLE_URL']}/tai-khoan/dang-nhap/"), 120
        )
        for name, page in PAGES.items():
            told(name, [seconds_of(http, page) for _ in range(ASKED)])
        http.get(edit_page()).raise_for_status()
        told("form of an article", [seconds_of(http, edit_page()) for _ in range(20)])
        with processes("knowledge.console.serve publisher", "bot.run actions"):
            wait_until(lambda: "trẻ em" in answer(), 400)
            # The first build of all is not an approval.
            wait_until(is_all_published, 400)
            times = [approve(lan, http, number) for number in range(rounds)]
            told("approved -> answered", times, "s")


def add_copies(wanted: int) -> None:
    """Fill up with copies of the seed's articles."""
    from knowledge.console.models import Article, Citation, ExampleQuestion

    rows = list(Article.objects.prefetch_related("questions", "citations"))
    number = 0
    while len(rows) + number < wanted:
        row = rows[number % len(rows)]
        number += 1
        questions, citations = list(row.questions.all()), list(row.citations.all())
        copy = Article(
            **{
                field.attname: getattr(row, field.attname)
                for field in row._meta.concrete_fields
                if field.attname not in ("id", "uid", "seed_text", "seed_base")
            },
            uid=f"ban-sao-{number}",
        )
        copy.title = f"{row.title} ({number})"
        (copy,) = Article.objects.bulk_create([copy])
        Article.objects.filter(pk=copy.pk).update(folded=row.folded, live=False)
        ExampleQuestion.objects.bulk_create(
            ExampleQuestion(article_id=copy.pk, text=q.text) for q in questions
        )
        Citation.objects.bulk_create(
            Citation(article_id=copy.pk, document_id=c.document_id, where=c.where)
            for c in citations
        )
    print(f"{Article.objects.count()} articles, {len(rows)} of them published")


def approve(lan: Staff, http: httpx.Client, number: int) -> float:
    """Write, submit, approve by HTTP; return the seconds until the bot answers so."""
    from knowledge.console.models import Article

    sentence = f"Câu mới số {number} để đo {time.time():.0f}."
    row = Article.objects.get(uid=ARTICLE).get_latest_revision_as_object()
    row.body = f"{sentence}\n\n{row.body}"
    row.save_revision(user=lan.user)
    row.get_workflow().start(row, lan.user)
    state = Article.objects.get(pk=row.pk).current_workflow_task_state
    time.sleep(15)  # as long as a person reads at least; the worker sees the review
    page = http.get(edit_page())
    headers = {"X-CSRFToken": http.cookies["csrftoken"], "Referer": str(page.url)}
    began = time.monotonic()
    done = http.post(
        f"/bai-viet/workflow/action/{row.pk}/approve/{state.pk}/",
        data={"comment": ""},
        headers=headers,
    )
    assert done.status_code in (200, 302), (done.status_code, done.text[:300])
    decided = time.monotonic() - began
    wait_until(lambda: sentence in answer(), 120)
    seconds = time.monotonic() - began
    print(f"  approval {number + 1}: page {decided:.2f} s, answered {seconds:.2f} s")
    return seconds


def is_all_published() -> bool:
    """Tell whether the worker has nothing left to do."""
    from knowledge.console.models import Publishing

    state = Publishing.objects.first()
    return state is not None and state.dirty == state.built


def answer() -> str:
    """Return what the action server says of the article; "" while it is not there."""
    entity = {"entity": "article", "value": ARTICLE}
    latest = {"text": "", "entities": [entity], "intent": {"name": "choose_article"}}
    tracker: dict[str, Any] = {"sender_id": "m", "slots": {}, "events": []}
    order = {
        "next_action": "action_answer_question",
        "sender_id": "m",
        "tracker": {**tracker, "latest_message": latest, "paused": False},
        "domain": {},
    }
    port = os.environ["ACTIONS_PORT"]
    try:
        told = httpx.post(f"http://127.0.0.1:{port}/webhook", json=order, timeout=10)
        return str(told.json()["responses"][0]["custom"]["text"])
    except (httpx.HTTPError, ValueError, KeyError, IndexError):
        return ""


def edit_page() -> str:
    """Return the address of the article's form."""
    from knowledge.console.models import Article

    return f"/bai-viet/edit/{Article.objects.get(uid=ARTICLE).pk}/"


@contextlib.contextmanager
def client_of(person: Staff) -> Iterator[httpx.Client]:
    """Yield an HTTP client with the session of a person."""
    cookie = {"console_session": person.client.cookies["console_session"].value}
    with httpx.Client(
        base_url=os.environ["CONSOLE_URL"], cookies=cookie, timeout=60
    ) as http:
        yield http


def seconds_of(http: httpx.Client, page: str) -> float:
    """Return how long a page took, in milliseconds."""
    began = time.perf_counter()
    answered = http.get(page)
    assert answered.status_code == 200, (page, answered.status_code)
    return (time.perf_counter() - began) * 1000


def told(name: str, times: list[float], unit: str = "ms") -> None:
    """Print the median and the 95th percentile."""
    late = statistics.quantiles(times, n=20, method="inclusive")[-1]
    digits = 1 if unit == "s" else 0
    p50 = f"{statistics.median(times):.{digits}f}"
    print(f"{name}: p50 {p50} {unit}, p95 {late:.{digits}f} {unit}, {len(times)} times")


@contextlib.contextmanager
def processes(*commands: str) -> Iterator[None]:
    """Run modules with their arguments; they end with the block."""
    started = []
    for number, line in enumerate(commands):
        name = line.replace(" ", "-")
        with (Path(os.environ["DATA_DIR"]) / f"{name}-{number}.log").open("wb") as log:
            words = [sys.executable, "-m", *line.split()]
            started.append(subprocess.Popen(words, cwd=ROOT, stdout=log, stderr=log))
    try:
        yield
    finally:
        for process in started:
            process.terminate()
            process.wait(20)
        for log_file in Path(os.environ["DATA_DIR"]).glob("*publisher*.log"):
            print(log_file.read_text())
            log_file.unlink()


def command(*words: str) -> None:
    """Run a command of the console."""
    subprocess.run(
        [sys.executable, "-m", "knowledge.console", *words], cwd=ROOT, check=True
    )


def answers(address: str) -> bool:
    """Tell whether a server answers."""
    try:
        return httpx.get(address, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    main()
