"""From a question that nobody could answer to the article that does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import lxml.html
import pytest
from django.utils import timezone

from bot.gateway import app, handover, questions
from bot.reply import Reply
from knowledge.console.handover import Handover
from knowledge.console.models import Article, AskedQuestion, QuestionGroup
from knowledge.console.questions import expire, take
from tests.console.staff import Staff
from tests.console.test_review import article, submit
from tests.gateway.house import WITHOUT_ZALO, House
from tests.gateway.test_privacy import found
from tests.servers import Chat, wait_until

Hire = Callable[[str, str], Staff]
ABSTAIN = Reply(kind="abstain", text="Mình chưa có nguồn.")
QUESTION = "Trẻ mồ côi có được cấp học bổng vùng biên giới không?"
LIKE = "trẻ mồ côi có được cấp học bổng vùng biên giới không ạ"
BAD = "Học hết lớp chín thì được làm nghề gì?"
SECRET = "Chuyện của Xoài Tượng ở lớp thì hỏi ai?"
GUESS = "em sợ về nhà"
DANGER = "em bị thầy sờ người"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A gateway that hands over quickly; its conversations are not over yet."""
    monkeypatch.setattr(app, "TIDY_SECONDS", 0.3)
    monkeypatch.setattr(handover, "SECONDS", 0.3)
    (tmp_path / "bot").mkdir()
    house = House(tmp_path / "bot", **WITHOUT_ZALO, telegram_bot_token="")
    house.start_platforms()
    house.start_gateway()
    yield house
    house.close()


def row(
    key: str, text: str, *, days: float = 0, article: str = ""
) -> dict[str, object]:
    """Return a question as the bot hands it over."""
    return {
        "key": key,
        "channel": "web",
        "article": "",
        "text": text,
        "asked_at": time.time() - days * 24 * 3600,
    }


def test_from_the_chat_to_the_queue_and_nothing_of_a_danger(
    house: House, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.dialogue.reply = ABSTAIN
    for text in (QUESTION, LIKE):
        Chat(house.address).say(text)
    Chat(house.address).say(f"{QUESTION} " * 8)  # a story is not kept
    for told in ([SECRET, DANGER], [DANGER, SECRET], [SECRET, GUESS], ["/sos", SECRET]):
        chat = Chat(house.address)
        for text in told:
            chat.say(text)
    chat = Chat(house.address)
    chat.say(GUESS)  # a check question; the person says that it is no danger
    chat.tap("only_info")
    chat.say(SECRET)
    chat = Chat(house.address)
    house.dialogue.reply = Reply(kind="answer", text="…", article="tuoi-tre-em")
    chat.say(BAD)
    chat.http.post(
        "/webhooks/web/feedback",
        json={"message_id": "t1", "value": -1},
        headers={"Authorization": f"Bearer {chat.session['token']}"},
    )
    folder = house.given["data_dir"] / "handover"
    wait_until(lambda: (folder / "questions.json").exists(), 20)
    assert (folder / "questions.json").read_text() == "[]", "they may yet tell more"
    monkeypatch.setattr(questions, "SETTLED_SECONDS", 0.0)
    wait_until(lambda: BAD in (folder / "questions.json").read_text(), 20)
    house.stop_gateway()
    for _again in range(2):  # taking it in twice changes nothing
        Handover(folder).take()
    kept = sorted(AskedQuestion.objects.values_list("text", "article", "channel"))
    assert kept == [
        (BAD, "tuoi-tre-em", "web"),
        (QUESTION, "", "web"),
        (LIKE, "", "web"),
    ]
    assert QuestionGroup.objects.count() == 2, "those that ask the same are one"
    for folder in (house.given["data_dir"], database.parent):
        assert found(folder, "Xoài Tượng", DANGER, GUESS) == []


def test_that_a_console_that_was_down_loses_nothing(
    house: House, database: Path
) -> None:
    """The gateway's file holds all questions of 90 days, however late it is read."""
    folder = house.given["data_dir"] / "handover"
    house.dialogue.reply = ABSTAIN
    Chat(house.address).say(QUESTION)
    questions.SETTLED_SECONDS, before = 0.0, questions.SETTLED_SECONDS
    try:
        wait_until(lambda: QUESTION in _text(folder), 20)
    finally:
        questions.SETTLED_SECONDS = before
    house.stop_gateway()
    house.start_gateway()
    Handover(folder).take()
    assert [q.text for q in AskedQuestion.objects.all()] == [QUESTION]


def test_an_article_is_begun_with_the_questions(staff: Hire) -> None:
    take([row("1", QUESTION), row("2", LIKE), row("3", BAD)])
    lan = staff("lan", "editor")
    page = lan.open("/cau-hoi/")
    cells = [
        r.text_content()
        for r in page.xpath("//table[contains(@class, 'own-table')]/tbody/tr")
    ]
    assert QUESTION in cells[0], "asked most often first"
    assert " ".join(cells[0].split()).count("Trang web") == 1
    group = QuestionGroup.objects.get(title=QUESTION)
    lan.client.post(f"/cau-hoi/{group.pk}/viet-bai/")
    made = Article.objects.get(title=QUESTION)
    assert not made.live
    assert {q.text for q in made.questions.all()} == {QUESTION, LIKE}
    assert made.latest_revision.user == lan.user
    # The form opens, and waits for what only staff can write.
    answer = lan.send(
        f"/bai-viet/edit/{made.pk}/", body="Có.", **{"action-submit": "x"}
    )
    assert answer.status_code == 200
    assert lan.errors
    assert QUESTION not in lan.open("/cau-hoi/").text_content()
    assert QUESTION in lan.open("/cau-hoi/?xem=writing").text_content()


def test_questions_are_added_to_the_draft_of_an_article(staff: Hire) -> None:
    take([row("1", QUESTION)])
    lan, minh = staff("lan", "editor"), staff("minh", "reviewer")
    group, old = QuestionGroup.objects.get(), article()
    address = f"/cau-hoi/{group.pk}/them/"
    count = old.questions.count()
    lan.client.post(address, {"article": "Bài không có"})
    assert QuestionGroup.objects.get().state == "open"
    answer = lan.client.post(address, {"article": old.title})
    assert answer.headers["Location"].endswith(f"/bai-viet/edit/{old.pk}/")
    assert article().questions.count() == count, "the bot has the old text"
    draft = article().get_latest_revision_as_object()
    assert QUESTION in {q.text for q in draft.questions.all()}
    # What is under review is left alone.
    take([row("2", BAD)])
    submit(lan)
    other = QuestionGroup.objects.get(title=BAD)
    minh.client.post(f"/cau-hoi/{other.pk}/them/", {"article": old.title})
    other.refresh_from_db()
    assert other.state == "open"


def test_out_of_scope_is_a_list_to_take_home(staff: Hire) -> None:
    take([row("1", f"=1+1 {QUESTION}"), row("2", BAD)])
    lan = staff("lan", "editor")
    group = QuestionGroup.objects.get(title__contains=QUESTION)
    lan.client.post(f"/cau-hoi/{group.pk}/ngoai-pham-vi/")
    take([row("3", QUESTION)])  # asked again: it stays closed, and counts
    table = lan.client.get("/cau-hoi/tai-ve/?xem=outside").content.decode("utf-8-sig")
    head, line, *rest = table.splitlines()
    assert head.startswith("Câu hỏi,Số lần")
    assert line.startswith("'=1+1"), "a spreadsheet must not calculate with it"
    assert ",2," in line
    assert not rest
    lan.client.post(f"/cau-hoi/{group.pk}/mo-lai/")
    assert QuestionGroup.objects.get(pk=group.pk).state == "open"


def test_that_deleted_words_do_not_come_back(staff: Hire) -> None:
    rows = [row("1", QUESTION)]
    take(rows)
    lan = staff("lan", "editor")
    lan.client.post(f"/cau-hoi/{QuestionGroup.objects.get().pk}/xoa/")
    take(rows)
    assert not QuestionGroup.objects.exists()
    assert QUESTION not in lan.open("/cau-hoi/").text_content()
    assert list(AskedQuestion.objects.values_list("text", flat=True)) == [""]


def test_that_questions_are_deleted_after_90_days(database: Path) -> None:
    take([row("1", QUESTION, days=89.9), row("2", BAD, days=90.1)])
    assert [q.text for q in AskedQuestion.objects.all()] == [QUESTION]
    # A group that is still asked loses the words of those that are too old.
    take([row("3", LIKE)])
    before = timezone.now() - timedelta(days=90)
    AskedQuestion.objects.filter(text=QUESTION).update(asked_at=before)
    expire()
    assert QuestionGroup.objects.get().title == LIKE
    AskedQuestion.objects.update(asked_at=before)
    expire()
    assert not AskedQuestion.objects.exists()
    assert not QuestionGroup.objects.exists()


def test_that_a_published_answer_that_does_not_help_is_shown_again(staff: Hire) -> None:
    take([row("1", QUESTION)])
    group = QuestionGroup.objects.get()
    group.state, group.article = "writing", article()
    group.save()
    take([row("2", LIKE)])
    assert QuestionGroup.objects.get().state == "open"


def test_that_only_editors_decide(staff: Hire) -> None:
    take([row("1", QUESTION)])
    group = QuestionGroup.objects.get()
    lan = staff("lan", "editor")
    lan.user.groups.clear()
    for deed in ("viet-bai", "them", "ngoai-pham-vi", "xoa"):
        lan.client.post(f"/cau-hoi/{group.pk}/{deed}/", {"article": "x"})
    group.refresh_from_db()
    assert group.state == "open"
    assert lan.client.get("/cau-hoi/").status_code in (302, 403)


@pytest.mark.parametrize(
    ("one", "two", "is_same"),
    [
        (QUESTION, LIKE, True),
        (QUESTION, "tre mo coi co duoc cap hoc bong vung bien gioi khong", True),
        (QUESTION, BAD, False),
        ("Học phí trường mầm non bao nhiêu?", "Học phí đại học bao nhiêu?", False),
    ],
)
def test_which_questions_are_one(
    database: Path, one: str, two: str, is_same: bool
) -> None:
    take([row("1", two), row("2", one)])
    assert QuestionGroup.objects.count() == (1 if is_same else 2)


def test_that_staff_read_a_question_with_its_marks(database: Path) -> None:
    bare = "tre mo coi co duoc cap hoc bong vung bien gioi khong"
    take([row("1", bare), row("2", QUESTION), row("3", LIKE)])
    assert QuestionGroup.objects.get().title == QUESTION


def _text(folder: Path) -> str:
    path = folder / "questions.json"
    return path.read_text() if path.exists() else ""


def test_that_the_page_escapes_what_people_typed(staff: Hire) -> None:
    take([row("1", "<b>đậm</b> có được không?")])
    page = staff("lan", "editor").client.get("/cau-hoi/").content.decode()
    assert "<b>đậm" not in page
    assert lxml.html.fromstring(page).text_content().count("<b>đậm</b>") >= 1
