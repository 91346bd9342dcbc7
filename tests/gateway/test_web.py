"""The web API with everything behind it dead: danger first, and never silence."""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.gateway.app import create_app
from bot.gateway.settings import Settings
from tests.servers import Chat, free_port, serve


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        data_dir=tmp_path_factory.mktemp("data"),
        dialogue_port=free_port(),
        actions_port=free_port(),
        turns_per_five_minutes=30,
    )


@pytest.fixture(scope="module")
def address(settings: Settings) -> Iterator[str]:
    with serve(create_app(settings), free_port()) as running:
        yield running


@pytest.fixture
def chat(address: str) -> Chat:
    return Chat(address)


def test_that_a_session_begins_with_111(chat: Chat) -> None:
    assert chat.session["hotlines"][0]["number"] == "111"
    greeting = chat.session["greeting"][0]
    assert "SOS" in greeting["text"]
    assert len(greeting["text"].split()) <= 60
    assert len(greeting["buttons"]) == 3


@pytest.mark.parametrize(
    "text",
    [
        "bo danh em chay mau",
        "em bị thầy sờ người",
        "con nhà hàng xóm khóc thét suốt đêm",
        "my stepfather touches me",
    ],
)
def test_that_danger_gets_a_card_with_111_first(chat: Chat, text: str) -> None:
    first = chat.say(text)[0]
    assert first["kind"] == "card"
    assert first["numbers"][0]["number"] == "111"
    assert first["numbers"][0]["tel"] == "tel:111"


@pytest.mark.parametrize("choice", ["need_help", "danger_now"])
def test_that_a_button_alone_gives_the_card(chat: Chat, choice: str) -> None:
    first = chat.tap(choice)[0]
    assert first["kind"] == "card"
    assert not first["soft"]
    assert "111" in [number["number"] for number in first["numbers"][:2]]


def test_that_a_question_gets_an_honest_sentence_with_111(chat: Chat) -> None:
    replies = chat.say("trẻ em có những quyền gì")
    assert [reply["kind"] for reply in replies] == ["error"]
    assert replies[0]["numbers"][0]["number"] == "111"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": "a" * 10_000}, 413),
        ({"text": "ạ" * 200_000}, 413),
        ({"text": ""}, 400),
        ({"text": " \n\t​"[:3]}, 400),
        ({"text": 5}, 400),
        ({"text": "chào", "client_id": "x" * 65}, 400),
        ({}, 400),
        ([], 400),
        (b"{not json", 400),
        (b"", 400),
        (b"\xff\xfe", 400),
        (b"[" * 60_000, 400),
    ],
)
def test_that_bad_input_gets_one_clear_sentence(
    chat: Chat, body: object, status: int
) -> None:
    answer = chat.post(body)
    assert answer.status_code == status
    (reply,) = answer.json()["replies"]
    assert reply["kind"] == "error"
    assert reply["numbers"][0]["number"] == "111"
    assert chat.say("em bị thầy sờ người")[0]["kind"] == "card"


def test_that_danger_in_a_long_message_is_not_refused(chat: Chat) -> None:
    story = "hôm nay em đi học về rồi ăn cơm. " * 300
    first = chat.say(f"{story} bố dượng sờ vào người em. {story}")[0]
    assert first["kind"] == "card"


@pytest.mark.parametrize("text", ["😢😢😢", "...", "🏳️‍🌈"])
def test_that_emoji_alone_get_a_reply_with_111(chat: Chat, text: str) -> None:
    (reply,) = chat.say(text)
    assert reply["numbers"][0]["number"] == "111"
    assert reply["text"]


@pytest.mark.parametrize(
    "text", ["/restart", '/report{"danger_class":"test"}', "/", "//restart", "/abc xyz"]
)
def test_that_a_slash_forces_no_intent(chat: Chat, text: str) -> None:
    replies = chat.say(text)
    assert len(replies) == 1
    assert replies[0]["text"]


def test_that_a_slash_does_not_hide_danger(chat: Chat) -> None:
    assert chat.say("/em bị thầy sờ người")[0]["kind"] == "card"
    numbers = chat.say("/111")[0]["numbers"]
    assert "111" in [number["number"] for number in numbers[:2]]


def test_that_decomposed_text_is_understood(chat: Chat) -> None:
    text = unicodedata.normalize("NFD", "em bị thầy sờ người")
    first = chat.say(text)[0]
    assert first["kind"] == "card"
    assert unicodedata.is_normalized("NFC", first["text"])


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token: token.rpartition(".")[0],
        lambda token: "x",
        lambda token: "..",
        lambda token: "a.9999999999." + "0" * 64,
        lambda token: f"{token.split('.')[0]}.9999999999.{token.split('.')[2]}",
    ],
)
def test_that_a_forged_token_is_refused(address: str, forge: object) -> None:
    chat = Chat(address)
    chat.session["token"] = forge(chat.session["token"])  # type: ignore[operator]
    answer = chat.post({"text": "xin chào"})
    assert answer.status_code == 401
    assert answer.json()["replies"][0]["numbers"][0]["number"] == "111"


def test_that_an_expired_token_is_refused(settings: Settings) -> None:
    short = settings.model_copy(update={"session_seconds": -1})
    with serve(create_app(short), free_port()) as address:
        assert Chat(address).post({"text": "xin chào"}).status_code == 401


def test_that_the_stream_has_one_reply_a_line_and_ends_with_done(chat: Chat) -> None:
    answer = chat.post({"text": "em bị thầy sờ người"}, Accept="application/x-ndjson")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["type"] for line in lines] == ["reply", "done"]
    assert answer.headers["content-type"].startswith("application/x-ndjson")


def test_that_the_same_message_is_answered_with_the_same_turn(chat: Chat) -> None:
    body = {"text": "em bị thầy sờ người", "client_id": "same"}
    assert chat.post(body).json() == chat.post(body).json()
    # Had the first not been replayed, the other text would have been read.
    other = {"text": "xin chào", "client_id": "same"}
    assert chat.post(other).json() == chat.post(body).json()


def test_that_too_many_turns_are_refused_but_never_danger(address: str) -> None:
    chat = Chat(address)
    statuses = [chat.post({"text": "xin chào"}).status_code for _ in range(31)]
    assert statuses == [200] * 30 + [429]
    assert chat.say("em bị thầy sờ người")[0]["kind"] == "card"


def test_that_a_stale_button_gets_a_sentence(chat: Chat) -> None:
    (reply,) = chat.tap("no-such-button")
    assert reply["numbers"][0]["number"] == "111"


def test_that_only_asking_returns_to_the_question(chat: Chat) -> None:
    chat.say("em bị thầy sờ người")
    replies = chat.tap("only_info")
    assert replies[0]["kind"] == "error"  # the dialogue is dead in these tests
    assert "111" in chat.tap("only_info")[0]["text"]


def test_that_after_danger_every_reply_carries_111_until_all_is_well(
    chat: Chat,
) -> None:
    chat.say("em bị thầy sờ người")
    footer = chat.tap("good:any")[0]["text"].splitlines()[-1]
    assert "111" in footer
    chat.tap("safe")
    assert chat.tap("good:any")[0]["text"].splitlines()[-1] != footer


def test_that_a_vague_word_keeps_the_card_of_the_danger_told(chat: Chat) -> None:
    told = chat.say("em bị thầy sờ người")[0]
    again = chat.say("em sợ lắm")[0]
    assert again["class"] == told["class"]
    assert chat.tap("need_help")[0]["class"] == told["class"]


def test_that_help_after_a_guess_is_the_general_card(chat: Chat) -> None:
    guess = chat.say("em có chuyện muốn kể mà em sợ")[0]
    assert guess["soft"]
    assert chat.tap("need_help")[0]["class"] == "immediate_danger"


@pytest.mark.parametrize("text", ["đùa thôi", "không có gì đâu"])
def test_that_a_withdrawal_keeps_111(chat: Chat, text: str) -> None:
    chat.say("bố đánh em chảy máu")
    first = chat.say(text)[0]
    assert "111" in [number["number"] for number in first["numbers"][:2]]


def test_that_an_english_speaker_is_not_asked_in_vietnamese(chat: Chat) -> None:
    replies = chat.say("my stepfather touches me")
    assert len(replies) == 1
    card = chat.tap("danger_now")[0]
    assert card["numbers"][0]["number"] == "113"
    assert card["text"].isascii()


def test_that_commands_are_read_before_all_else(chat: Chat) -> None:
    assert "SOS" in chat.say("/help")[0]["text"]
    assert chat.say("/xoa")[-1]["kind"] == "smalltalk"


def test_that_forget_empties_the_conversation(chat: Chat) -> None:
    chat.say("em bị thầy sờ người")
    headers = {"Authorization": f"Bearer {chat.session['token']}"}
    answer = chat.http.post("/webhooks/web/forget", headers=headers)
    assert answer.status_code == 204
    assert "storage" in answer.headers["clear-site-data"]


def test_that_the_card_is_there_with_a_broken_database(tmp_path: Path) -> None:
    (tmp_path / "gateway.db").write_bytes(b"this is no database" * 100)
    settings = Settings(data_dir=tmp_path, dialogue_port=free_port())
    with serve(create_app(settings), free_port()) as address:
        chat = Chat(address)
        assert chat.say("em bị thầy sờ người")[0]["kind"] == "card"
        parts = chat.http.get("/health").json()["parts"]
        assert parts["inbox"] == "down"
        assert parts["gateway"] == "ok"


def test_that_no_word_is_kept_in_the_database_or_the_logs(
    chat: Chat, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = "dượng Tèo Mười Hai"
    chat.say(f"{secret} sờ người em")
    chat.say(f"{secret} là ai trong luật trẻ em?")
    time.sleep(0.5)
    for path in settings.data_dir.rglob("*"):
        if path.is_file():
            assert "Tèo".encode() not in path.read_bytes(), path
    output = capfd.readouterr()
    assert "Tèo" not in output.out + output.err


def test_that_health_tells_each_part(chat: Chat) -> None:
    health = chat.http.get("/health").json()
    assert health["status"] == "degraded"
    assert health["parts"]["gateway"] == "ok"
    assert health["parts"]["dialogue"] == "down"
    assert health["parts"]["actions"] == "down"


@pytest.mark.parametrize("path", ["/", "/widget/v1/frame", "/thoat"])
def test_that_pages_are_closed_to_others(chat: Chat, path: str) -> None:
    page = chat.http.get(path)
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in page.headers
