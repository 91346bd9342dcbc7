"""The gateway's side of the dialogue: words as taps, places, scripts, ratings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.gateway.conversation import ANSWERS_KEPT, Conversation
from bot.gateway.dialogue import choice_of, said_of
from bot.gateway.gate import asked_by, meant_by
from bot.gateway.rating import (
    KEPT_SECONDS,
    Rating,
    expire_ratings,
    keep_rating,
    list_ratings,
    rating_of,
)
from bot.gateway.store import Store
from bot.gateway.turn import is_known_choice
from bot.gateway.words import has_words, is_foreign_script, redact
from bot.reply import Button, Reply
from bot.safety.assess import assess

SECRET = b"0123456789abcdef0123456789abcdef"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'gateway.db'}", SECRET)
    yield store
    store.close()


def reply_with(kind: str, *buttons: str) -> Reply:
    return Reply(kind, "x", buttons=tuple(Button(name, name) for name in buttons))


@pytest.mark.parametrize(
    ("kind", "buttons", "asked"),
    [
        ("card", ("danger_now", "safe", "only_info"), "danger_now"),
        ("card", ("need_help", "only_info", "danger_now"), "help"),
        ("card", ("only_info",), ""),
        ("ask", ("place:ha noi", "skip"), "place"),
        ("smalltalk", ("examples", "need_help"), ""),
    ],
)
def test_that_a_reply_tells_what_it_asks(
    kind: str, buttons: tuple[str, ...], asked: str
) -> None:
    assert asked_by(reply_with(kind, *buttons)) == asked


@pytest.mark.parametrize(
    ("said", "asked", "choice"),
    [
        ("yes", "danger_now", "danger_now"),
        ("no", "danger_now", "safe"),
        ("yes", "help", "need_help"),
        ("no", "help", "only_info"),
        ("no", "place", "skip"),
        ("yes", "", ""),
        ("no", "", ""),
        ("safe", "", ""),
        ("only_info", "", ""),
        ("greeted", "", ""),
    ],
)
def test_that_words_mean_what_was_asked(said: str, asked: str, choice: str) -> None:
    talk = Conversation(asked=asked)
    assert meant_by(said, talk) == choice


def test_that_a_danger_changes_what_words_mean() -> None:
    talk = Conversation(triage=assess("bố em đánh em"), in_danger=True)
    assert meant_by("safe", talk) == "safe"
    assert meant_by("only_info", talk) == "only_info"
    assert meant_by("joked", talk) == meant_by("greeted", talk) == "still_here"


def test_that_the_dialogue_may_name_a_button() -> None:
    said = said_of([{"text": "Mừng."}, {"custom": {"choice": "safe"}}])
    assert said.choice == "safe"
    assert [reply.text for reply in said.replies] == ["Mừng."]


@pytest.mark.parametrize(
    ("button", "place"),
    [
        ("place:ha noi", "Hà Nội"),
        ("place:Bình Dương", "Hồ Chí Minh"),
        ("place:Atlantis", None),
        ("place:", None),
        ('place:Hà Nội"}', "Hà Nội"),
    ],
)
def test_that_a_place_is_one_that_we_know(button: str, place: str | None) -> None:
    choice = choice_of(button)
    assert (choice[1]["place"] if choice else None) == place
    assert is_known_choice(button) is (place is not None)


@pytest.mark.parametrize("text", ["你好", "Здравствуйте", "مرحبا 111", "สวัสดี ok"])
def test_that_another_script_is_known_as_such(text: str) -> None:
    assert is_foreign_script(text)


@pytest.mark.parametrize("text", ["xin chào", "ĐƯỢC", "𝐛𝐨̂́ đ𝐚́𝐧𝐡 𝐞𝐦", "🙂 ok", "123", ""])
def test_that_vietnamese_is_no_other_script(text: str) -> None:
    assert not is_foreign_script(text)


def test_that_signs_are_no_words() -> None:
    assert not has_words("🙂… ?!")
    assert has_words("ạ")


def test_that_a_thumb_belongs_to_an_answer_of_this_conversation() -> None:
    talk = Conversation()
    assert rating_of(talk, "web", "bad:quyen-song") is None
    talk.keep_answer("quyen-song", redact("gọi 0912 345 678 hỏi quyền"))
    assert rating_of(talk, "web", "bad") == Rating(
        "web", "quyen-song", -1, "gọi … hỏi quyền"
    )
    assert rating_of(talk, "web", "good:quyen-song") == Rating("web", "quyen-song", 1)
    assert rating_of(talk, "web", "bad:khac") is None


def test_that_nothing_of_a_danger_is_rated() -> None:
    talk = Conversation(in_danger=True)
    talk.keep_answer("quyen-song", "câu hỏi")
    assert rating_of(talk, "web", "bad:quyen-song") is None


def test_that_only_the_last_answers_are_remembered() -> None:
    talk = Conversation()
    for number in range(ANSWERS_KEPT + 5):
        talk.keep_answer(f"a{number}", "câu hỏi")
    assert len(talk.answered) == ANSWERS_KEPT
    assert "a0" not in talk.answered
    assert "answered" not in talk.to_json(), "questions are kept in memory only"


def test_that_ratings_are_kept_for_staff_and_then_deleted(store: Store) -> None:
    rating = Rating("web", "quyen-song", -1, "câu hỏi")
    store.do(lambda db: keep_rating(db, store, rating))
    (row,) = store.do(list_ratings)
    assert (row["article"], row["value"], row["question"]) == (
        *("quyen-song", -1),
        "câu hỏi",
    )
    assert "sender" not in row
    store.do(lambda db: expire_ratings(db, store))
    assert len(store.do(list_ratings)) == 1
    real = store.now
    store.now = lambda: real() + KEPT_SECONDS + 1  # type: ignore[method-assign]
    store.do(lambda db: expire_ratings(db, store))
    assert store.do(list_ratings) == []
