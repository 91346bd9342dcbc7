"""Acceptance tests of the Telegram channel against a local Telegram."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.gateway.channels.telegram_setup import WEBHOOK
from bot.gateway.split import units
from bot.gateway.texts import texts
from bot.gateway.turn import is_known_choice
from bot.reply import Button, Citation, Reply
from tests.fakes.telegram import NAME
from tests.gateway.house import HOOK_SECRET, House
from tests.servers import wait_until

DANGER = "em bị thầy sờ người"
QUESTION = "trẻ em có những quyền gì"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
URL = "https://vanban.chinhphu.vn/mot-dia-chi-rat-dai-cho-phep-thu-cat"

Build = Callable[..., House]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One running gateway; each test writes from a chat of its own."""
    made = House(tmp_path_factory.mktemp("telegram"), turns_per_five_minutes=100)
    made.start_platforms()
    made.start_gateway()
    made.wait_for_state("telegram", "ok")
    yield made
    made.close()


@pytest.fixture
def house(home: House) -> House:
    home.reset()
    return home


def test_that_a_question_is_answered(house: House) -> None:
    house.telegram.say(5, QUESTION)
    (text,) = house.heard(5)
    assert QUESTION in text


def test_that_a_danger_gets_its_card_with_numbers_first(house: House) -> None:
    house.telegram.say(6, DANGER)
    card = house.heard(6)[0].splitlines()
    numbers = [line for line in card if line[:3].isdigit()]
    assert numbers[0].startswith("111")
    assert card.index(numbers[0]) <= 2


def test_that_telegram_may_be_down_at_the_start(build: Build) -> None:
    """T1: everything else runs; the channel comes up by itself."""
    house = build()
    house.start_gateway()
    house.wait_for_state("telegram", "unreachable")
    assert house.post("/webhooks/web/session", json={}).status_code == 200
    house.start_platforms()
    house.wait_for_state("telegram", "ok")


def test_that_a_wrong_token_stops_the_channel_alone(build: Build) -> None:
    """T2: one call, no loop."""
    house = build(telegram_bot_token="999:" + "x" * 35)
    house.start_platforms()
    house.start_gateway()
    house.wait_for_state("telegram", "bad_token")
    time.sleep(1.5)
    assert [name for name, _ in house.telegram.calls] == ["getMe"]
    assert house.post("/webhooks/web/session", json={}).status_code == 200


def test_that_what_waited_before_the_start_is_answered(build: Build) -> None:
    """T3: nothing that waits at Telegram is dropped; a late answer says sorry."""
    house = build()
    house.start_platforms()
    old = int(time.time()) - 7 * 3600
    house.telegram.say(7, DANGER, date=old)
    house.start_gateway()
    first = house.heard(7)[0]
    assert first.startswith(texts()["late"][:20])
    assert "111" in first


def test_that_an_update_counts_once_however_often_it_comes(house: House) -> None:
    """T5, by polling; the webhook has its own test."""
    number = house.telegram.say(8, QUESTION)
    update = {"message": house.telegram.message(8, text=QUESTION)}
    for _ in range(4):
        house.telegram.push(update, number)
    house.heard(8)
    time.sleep(1)
    assert len(house.telegram.texts(8)) == 1
    assert house.dialogue.texts().count(QUESTION) == 1


def update_of(house: House, chat: int, text: str, number: int) -> dict[str, Any]:
    return {"update_id": number, "message": house.telegram.message(chat, text=text)}


def hooked(build: Build) -> House:
    house = build(
        telegram_mode="webhook",
        telegram_webhook_secret=HOOK_SECRET,
        public_url="https://gateway.example",
    )
    house.start_platforms()
    house.start_gateway()
    house.wait_for_state("telegram", "ok")
    return house


def test_that_the_webhook_wants_its_secret_and_answers_at_once(build: Build) -> None:
    """T5, T6: while the dialogue hangs."""
    house = hooked(build)
    house.dialogue.seconds = 2
    update = update_of(house, 9, QUESTION, 4001)
    assert house.post(WEBHOOK, json=update).status_code == 403
    wrong = {HEADER: HOOK_SECRET[:-1] + "x"}
    assert house.post(WEBHOOK, json=update, headers=wrong).status_code == 403
    right = {HEADER: HOOK_SECRET}
    for _ in range(5):
        assert house.post(WEBHOOK, json=update, headers=right).status_code == 204
    assert len(house.heard(9)) == 1
    time.sleep(0.5)
    assert house.dialogue.texts() == [QUESTION]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"{}", 400),
        (b'{"update_id":"5"}', 400),
        (b'{"update_id":true}', 400),
        (b"[" * 50_000, 400),
        (b"\xff\xfe\x00", 400),
        (b'{"update_id":5,"message":{"text":5}}', 204),
        (b'{"update_id":6,"message":[]}', 204),
        (b'{"update_id":7,"callback_query":{}}', 204),
        (b'{"update_id":8,"unheard_of":{"a":1}}', 204),
        (b" " * 300_000, 413),
    ],
)
def test_that_a_malformed_update_changes_nothing(
    hook: House, body: bytes, status: int
) -> None:
    answer = hook.post(WEBHOOK, content=body, headers={HEADER: HOOK_SECRET})
    assert answer.status_code == status
    assert hook.channel("telegram")["queue"] == 0


@pytest.fixture(scope="module")
def hook(tmp_path_factory: pytest.TempPathFactory) -> Any:
    house = House(
        tmp_path_factory.mktemp("hook"),
        telegram_mode="webhook",
        telegram_webhook_secret=HOOK_SECRET,
        public_url="https://gateway.example",
    )
    house.start_gateway()
    yield house
    house.close()


def test_that_one_chat_is_answered_in_order_and_many_side_by_side(
    house: House,
) -> None:
    """T7: 0.2 s a turn."""
    house.dialogue.seconds = 0.2
    for number in range(3):
        house.telegram.say(10, f"câu hỏi {number}")
    for chat in range(100, 120):
        house.telegram.say(chat, QUESTION)
    wait_until(lambda: len(house.telegram.messages) == 23, 60)
    told = [text.split()[-1] for text in house.telegram.texts(10)]
    assert told == ["0", "1", "2"]


def test_that_a_tap_is_acknowledged_then_answered_once(house: House) -> None:
    """T8: the button stops waiting first, its keyboard goes, a double tap is one."""
    house.telegram.say(11, "/start")
    house.heard(11)
    shown = house.telegram.messages[-1]
    data = shown["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    house.telegram.calls.clear()
    for _ in range(2):
        house.telegram.tap(11, data, shown["message_id"])
    house.heard(11, 2)
    time.sleep(0.5)
    names = [name for name, _ in house.telegram.calls]
    assert names.index("answerCallbackQuery") < names.index("sendMessage")
    assert names.count("answerCallbackQuery") == 2
    assert names.count("sendMessage") == 1
    assert shown["reply_markup"] is None


@pytest.mark.parametrize(
    "data", ["old:menu", "v1:nothing_of_ours", "v1:d:000000000000"]
)
def test_that_a_stale_button_gets_a_toast_and_a_menu(house: House, data: str) -> None:
    house.telegram.tap(12, data)
    (text,) = house.heard(12)
    assert text.startswith(texts()["stale_button"][:15])
    (answered,) = house.telegram.called("answerCallbackQuery")
    assert answered["text"] == texts()["toast_stale"]
    assert house.telegram.messages[-1]["reply_markup"]


EVENTS = [
    ("voice", {"file_id": "f", "file_unique_id": "u", "duration": 3}, "event_voice"),
    (
        "video_note",
        {"file_id": "f", "file_unique_id": "u", "duration": 3, "length": 9},
        "event_voice",
    ),
    ("audio", {"file_id": "f", "file_unique_id": "u", "duration": 3}, "event_voice"),
    (
        "photo",
        [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}],
        "event_picture",
    ),
    (
        "video",
        {
            "file_id": "f",
            "file_unique_id": "u",
            "width": 9,
            "height": 9,
            "duration": 3,
        },
        "event_picture",
    ),
    ("document", {"file_id": "f", "file_unique_id": "u"}, "event_picture"),
    (
        "sticker",
        {
            "file_id": "f",
            "file_unique_id": "u",
            "width": 9,
            "height": 9,
            "is_animated": False,
            "is_video": False,
            "type": "regular",
        },
        "event_sticker",
    ),
    ("dice", {"emoji": "🎲", "value": 3}, "event_sticker"),
    ("contact", {"phone_number": "84900000000", "first_name": "X"}, "event_contact"),
    ("location", {"latitude": 21.0, "longitude": 105.8}, "event_location"),
]


@pytest.mark.parametrize(("kind", "content", "key"), EVENTS, ids=lambda v: str(v)[:10])
def test_that_what_has_no_words_gets_its_sentence_and_111(
    house: House, kind: str, content: Any, key: str
) -> None:
    """T9: nothing is downloaded, nothing goes to the dialogue."""
    chat = 1300 + EVENTS.index((kind, content, key))
    house.telegram.push({"message": house.telegram.message(chat, **{kind: content})})
    (text,) = house.heard(chat)
    assert text.startswith(texts()[key][:20])
    assert "111" in text
    assert house.dialogue.heard == []
    assert {name for name, _ in house.telegram.calls} == {"sendMessage"}


def test_that_stickers_are_mentioned_once_in_a_while(house: House) -> None:
    for _ in range(3):
        content = {"emoji": "🎲", "value": 3}
        house.telegram.push({"message": house.telegram.message(14, dice=content)})
    house.telegram.say(14, QUESTION)
    assert len(house.heard(14, 2)) == 2


@pytest.mark.parametrize(
    "update",
    [
        {"edited_message": {"text": DANGER}},
        {"channel_post": {"text": DANGER}},
        {"message": {"text": "   \u200b "}},
        {"message": {"text": DANGER, "from": {"id": 15, "is_bot": True}}},
        {"message": {"text": DANGER, "chat": {"id": -15, "type": "group"}}},
        {"message": {"pinned_message": {}}},
    ],
    ids=["edited", "channel", "blank", "bot", "group", "service"],
)
def test_that_what_is_not_a_message_to_us_is_ignored(
    house: House, update: dict[str, Any]
) -> None:
    """T18 and the rest of section 6."""
    for kind, content in update.items():
        whole = house.telegram.message(15)
        if "from" in content:
            content["from"]["first_name"] = "B"
        house.telegram.push({kind: {**whole, **content}})
    house.telegram.say(16, QUESTION)
    house.heard(16)
    time.sleep(0.3)
    assert house.telegram.texts(15) == house.telegram.texts(-15) == []
    assert house.dialogue.texts() == [QUESTION]


def test_that_a_caption_and_a_forwarded_text_are_read(house: House) -> None:
    photo = [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}]
    house.telegram.push(
        {"message": house.telegram.message(17, photo=photo, caption=QUESTION)}
    )
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "X"}
    house.telegram.say(18, QUESTION, forward_origin=origin)
    house.heard(17)
    house.heard(18)
    assert house.dialogue.texts() == [QUESTION, QUESTION]


def test_that_text_of_people_and_of_knowledge_is_shown_as_it_is(house: House) -> None:
    """T10: tags, signs of markup, emoji, combining marks."""
    told = "<b>1 & 2</b> _a_ *b* [c](d) 👨‍👩‍👧 ố e\u0323\u0302"
    house.dialogue.reply = Reply(kind="answer", text=told)
    house.telegram.say(19, QUESTION)
    (text,) = house.heard(19)
    assert text == told
    assert len(house.telegram.called("sendMessage")) == 1


def test_that_a_long_answer_comes_in_at_most_three_parts(house: House) -> None:
    """T11: cut at sentences, links whole, the keyboard on the last part."""
    sentence = f"Trẻ em có quyền được bảo vệ theo Điều 37, xem {URL} nhé. "
    house.dialogue.reply = Reply(
        kind="answer",
        text=(sentence * 110)[:9000],
        buttons=(Button("more:x", "Xem thêm"),),
        citations=(Citation(1, "1", "Điều 2", "Luật", "in_force", "2026-11-21", URL),),
    )
    house.telegram.say(20, QUESTION)
    house.heard(20, 3)
    parts = [m for m in house.telegram.messages if m["chat"]["id"] == 20]
    assert len(parts) == 3
    assert all(units(part["text"]) <= 4096 for part in parts)
    assert all(part["text"].count("https") == part["text"].count(URL) for part in parts)
    assert [bool(part["reply_markup"]) for part in parts] == [False, False, True]
    assert f'<a href="{URL}">' in parts[-1]["raw"]


def test_that_an_endless_answer_is_cut_and_says_so(house: House) -> None:
    house.dialogue.reply = Reply(kind="answer", text="Một câu dài. " * 3000)
    house.telegram.say(21, QUESTION)
    assert house.heard(21, 3)[-1].endswith(texts()["cut_short"])
    time.sleep(1)
    assert len(house.telegram.texts(21)) == 3


def test_that_a_long_payload_is_kept_at_home(build: Build) -> None:
    """T12: never more than 64 bytes, and the button works after a restart."""
    house = build()
    house.start_platforms()
    house.start_gateway()
    choice = "article:" + "quyen-" * 12
    house.dialogue.reply = Reply(
        kind="suggest", text="Chọn:", buttons=(Button(choice, "Mục"),)
    )
    house.telegram.say(22, QUESTION)
    house.heard(22)
    shown = house.telegram.messages[-1]
    data = shown["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    assert len(data.encode()) <= 64
    house.stop_gateway()
    house.start_gateway()
    house.telegram.tap(22, data, shown["message_id"])
    house.heard(22, 2)
    assert house.dialogue.texts()[-1] == "choose_article"


def test_that_too_many_requests_are_waited_for(house: House) -> None:
    """T13: sent once, after the time that Telegram names."""
    house.telegram.faults.plan("sendMessage", "429", retry_after=1)
    started = time.monotonic()
    house.telegram.say(23, QUESTION)
    assert len(house.heard(23)) == 1
    assert time.monotonic() - started >= 1
    time.sleep(0.5)
    assert len(house.telegram.texts(23)) == 1


def test_that_who_blocks_us_is_forgotten(house: House) -> None:
    """T14."""
    house.telegram.say(24, QUESTION)
    house.heard(24)
    assert house.rows("telegram", 24) > 0
    house.telegram.blocked.add(24)
    house.telegram.say(24, QUESTION)
    wait_until(lambda: house.rows("telegram", 24) == 0, 60)


@pytest.mark.parametrize("status", ["kicked", "left"])
def test_that_who_leaves_is_forgotten(house: House, status: str) -> None:
    house.telegram.say(25, QUESTION)
    house.heard(25)
    house.telegram.push(member(25, "private", status))
    wait_until(lambda: house.rows("telegram", 25) == 0, 60)
    assert len(house.telegram.texts(25)) == 1


def member(chat: int, kind: str, status: str) -> dict[str, Any]:
    user = {"id": 123456, "is_bot": True, "first_name": "B"}
    return {
        "my_chat_member": {
            "chat": {"id": chat, "type": kind, "title": "N"},
            "from": {"id": 5, "is_bot": False, "first_name": "A"},
            "date": 1,
            "old_chat_member": {"user": user, "status": "member"},
            "new_chat_member": {"user": user, "status": status, "until_date": 0},
        }
    }


def test_that_a_fault_in_formatting_swallows_no_answer(house: House) -> None:
    """T15."""
    house.telegram.faults.plan("sendMessage", "parse")
    house.telegram.say(26, QUESTION)
    house.heard(26)
    first, second = house.telegram.called("sendMessage")
    assert first["parse_mode"] == "HTML"
    assert "parse_mode" not in second


@pytest.mark.parametrize(
    "text",
    [
        *("/restart", "/session_start", '/report{"danger_class":"test"}', " /intent"),
        *("\u200b/restart", "//restart", f"/restart@{NAME}"),
    ],
)
def test_that_no_text_forces_an_intent(house: House, text: str) -> None:
    """T16."""
    house.telegram.say(27, text)
    house.heard(27)
    assert not [told for told in house.dialogue.texts() if told.startswith("/")]
    assert "restart" not in house.dialogue.texts()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("/start", "greeting"),
        ("/start hn_111", "greeting"),
        (f"/help@{NAME}", "greeting"),
        ("/dung", "stopped"),
    ],
)
def test_that_commands_are_ours(house: House, text: str, key: str) -> None:
    house.telegram.say(28, text)
    assert house.heard(28)[0].startswith(texts()[key][:20])


@pytest.mark.parametrize(
    ("code", "heard"),
    [("hn", "inform_place"), ("HELP", "ask_help"), (f"x@{NAME}", ""), ("unknown", "")],
)
def test_that_a_link_begins_with_what_it_stands_for(
    house: House, code: str, heard: str
) -> None:
    """t.me/NAME?start=CODE; whatever is not in the table is a plain start."""
    house.telegram.say(71, f"/start {code}")
    told = house.heard(71)[-1]
    assert heard in told if heard else told.startswith(texts()["greeting"][:30])


def test_that_every_link_stands_for_a_button_of_ours() -> None:
    links = texts()["start_links"]
    assert all(is_known_choice(choice) for choice in links.values())
    assert all(re.fullmatch(r"[a-z0-9_-]{1,64}", code) for code in links)


@pytest.mark.parametrize("text", ["/111", "/tongdai111", f"/111@{NAME}"])
def test_that_the_command_of_the_line_shows_it(house: House, text: str) -> None:
    house.telegram.say(28, text)
    assert "\n111: " in house.heard(28)[0]


def test_that_a_group_gets_one_sentence_and_is_left(house: House) -> None:
    """T17."""
    house.telegram.push(member(-30, "group", "member"))
    (text,) = house.heard(-30)
    assert text.startswith(texts()["event_group"][:20])
    wait_until(lambda: bool(house.telegram.called("leaveChat")), 60)


def test_that_a_second_poller_is_told_and_nothing_crashes(build: Build) -> None:
    """T19."""
    house = build()
    house.start_platforms()
    house.start_gateway()
    house.wait_for_state("telegram", "ok")
    house.telegram.faults.plan("getUpdates", "409")
    house.telegram.say(31, QUESTION)  # ends the poll that waits
    house.wait_for_state("telegram", "conflict")
    assert house.channel("telegram")["conflicts"] == 1


def test_that_commands_and_menu_are_set_up_once(build: Build) -> None:
    house = build()
    house.start_platforms()
    house.start_gateway()
    house.wait_for_state("telegram", "ok")
    names = [name for name, _ in house.telegram.calls]
    assert names.count("setMyCommands") == 2
    assert names.count("setChatMenuButton") == 1
    house.stop_gateway()
    house.telegram.calls.clear()
    house.start_gateway()
    house.wait_for_state("telegram", "ok")
    assert "setMyCommands" not in [name for name, _ in house.telegram.calls]


def test_that_no_preview_tells_what_was_asked(house: House) -> None:
    """R13: what a locked screen shows of a message."""
    house.dialogue.reply = Reply(kind="answer", text="Xâm hại tình dục trẻ em là gì.")
    house.telegram.say(32, QUESTION)
    house.telegram.say(33, DANGER)
    for text in (house.heard(32)[0], house.heard(33)[0]):
        preview = text[:100].casefold()
        assert not [word for word in texts()["telling_words"] if word in preview]


def test_that_a_flood_gets_one_polite_line_and_danger_its_card(build: Build) -> None:
    house = build(turns_per_five_minutes=5)
    house.start_platforms()
    house.start_gateway()
    for number in range(12):
        house.telegram.say(34, f"câu hỏi {number}")
    house.telegram.say(34, DANGER)
    wait_until(lambda: any("\n111: " in t for t in house.telegram.texts(34)), 60)
    polite = [
        text
        for text in house.telegram.texts(34)
        if text.startswith(texts()["too_many"][:20])
    ]
    assert len(polite) == 1
    assert "111" in polite[0]
    assert len(house.dialogue.texts()) <= 6
