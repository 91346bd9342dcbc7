"""Acceptance tests of the Zalo channel against a local Zalo."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from bot.gateway.app import create_app
from bot.gateway.channels.zalo import Zalo
from bot.gateway.channels.zalo_tokens import challenge_of, read_pair
from bot.gateway.settings import Settings, SettingsError
from bot.gateway.split import units
from bot.gateway.texts import texts
from bot.reply import Button, Reply
from tests.fakes.zalo import APP_ID, OA_ID, buttons_of, signature
from tests.gateway.house import House
from tests.servers import wait_until

WEBHOOK = "/webhooks/zalo/webhook"
DANGER = "em bị thầy sờ người"
QUESTION = "trẻ em có những quyền gì"
SIGNED = "X-ZEvent-Signature"

# Vectors of the specification, made with the account of tests/fakes/zalo.py.
V1 = (
    '{"app_id":"1234567890123456789","sender":{"id":"7000000000000000001"},'
    '"user_id_by_app":"8000000000000000001","recipient":{"id":"9000000000000000001"},'
    '"event_name":"user_send_text","message":{"text":"Cháu bị đánh ở nhà",'
    '"msg_id":"96d3cdf3af1504609091"},"timestamp":"1795269600000"}'
).encode()
V1_MAC = "93351fb44219e91e571e401253715974329f8c7eb69413887217a4bb57e47f2c"
V1B_MAC = "1a0e32daa1f857df8627768f44d945b51e50365f0d66599d1374d734f07055d5"
V1C_MAC = "ed020408fede9104dee9647843e4d93f638fa63ece618114a81beeeb44b2fa5c"
V2 = (
    b'{"app_id": "1234567890123456789", "event_name": "follow", '
    b'"follower": {"id": "7000000000000000001"}, "oa_id": "9000000000000000001", '
    b'"source": "oa_profile", "timestamp": 1795269600000}'
)
V2_MAC = "11a01e33c7e141f055f82ddafa44c564bac4266a1513f4b6169a2a9db3848058"

Build = Callable[..., House]


def ready(house: House) -> House:
    house.start_platforms()
    house.authorize_zalo()
    house.start_gateway()
    house.wait_for_state("zalo", "ok")
    return house


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One running gateway; each test writes as a person of its own."""
    folder = tmp_path_factory.mktemp("zalo")
    made = ready(House(folder, telegram_bot_token="", turns_per_five_minutes=100))
    yield made
    made.close()


@pytest.fixture
def house(home: House) -> House:
    home.reset()
    return home


def post(house: House, body: bytes, mac: str, **headers: str) -> int:
    signed = {SIGNED: mac, **headers} if mac else headers
    return house.post(WEBHOOK, content=body, headers=signed).status_code


@pytest.mark.parametrize(
    ("body", "mac", "status"),
    [
        (V1, f"mac={V1_MAC}", 200),
        (V1, f"mac = {V1_MAC.upper()}", 200),
        (V1, V1_MAC, 200),
        (V2, f"mac={V2_MAC}", 200),
        (V1, f"mac={V1B_MAC}", 401),
        (json.dumps(json.loads(V1)).encode(), f"mac={V1_MAC}", 401),
        (json.dumps(json.loads(V1)).encode(), f"mac={V1B_MAC}", 200),
        (V1, f"mac={V1C_MAC}", 401),
        (V1, "", 401),
        (V1.replace(b"7000", b"7001"), f"mac={V1_MAC}", 401),
        (V1, f"mac={signature(V1, '1795269600000', app='999')}", 401),
        (V1.replace(APP_ID.encode(), b"999"), f"mac={V1_MAC}", 401),
        (V1, "mac=", 401),
        (V1, "mac=" + "é" * 64, 401),
    ],
    ids=lambda v: str(v)[:18],
)
def test_that_only_authentic_events_pass(
    house: House, body: bytes, mac: str, status: int
) -> None:
    """Z1. The vectors are of a fixed day, so that none of them is answered late."""
    headers = [(SIGNED.encode(), mac.encode())] if mac else []
    answer = house.post(WEBHOOK, content=body, headers=headers)
    assert answer.status_code == status


def test_that_a_signed_time_of_the_header_counts_too(house: House) -> None:
    body = json.dumps(house.zalo.event("user_seen_message")).encode()
    mac = signature(body, "1795269600001")
    assert post(house, body, mac, **{"X-ZEvent-Timestamp": "1795269600001"}) == 200
    assert post(house, body, mac) == 401


def test_that_the_consoles_probes_are_welcome_and_change_nothing(house: House) -> None:
    """Z2."""
    assert post(house, b"{}", "") == 200
    assert post(house, b"{}", "mac=" + "0" * 64) == 401
    assert post(house, b'{"event_name":"user_send_text"}', "") == 401
    sample = house.zalo.event(
        "user_send_text",
        sender={"id": "246845883529197922"},
        recipient={"id": "388613280878808645"},
        message={"text": "This is testing message", "msg_id": "This is message id"},
    )
    assert house.zalo.emit(sample) == 200
    assert httpx.get(house.zalo.webhook, trust_env=False).status_code == 200
    time.sleep(0.3)
    assert house.zalo.outbox == []
    assert house.channel("zalo")["queue"] == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{", 400), (b"[]", 400), (b"\xff", 400), (b" " * 70_000, 413)],
)
def test_that_what_is_no_event_gets_its_status(
    house: House, body: bytes, status: int
) -> None:
    assert post(house, body, "mac=" + "0" * 64) == status


def test_that_a_question_is_answered_in_one_message(house: House) -> None:
    house.zalo.emit(house.zalo.text_event("u1", DANGER))
    (card,) = house.told("u1")
    assert "\n111: " in card
    assert f"{'report'}" in card  # the dialogue's question came along
    time.sleep(0.5)
    assert len(house.zalo.texts("u1")) == 1


def test_that_an_event_counts_once_however_often_it_comes(house: House) -> None:
    """Z3, side by side too."""
    event = house.zalo.text_event("u2", QUESTION)
    with ThreadPoolExecutor(5) as threads:
        assert set(threads.map(house.zalo.emit, [event] * 5)) == {200}
    house.told("u2")
    time.sleep(1)
    assert len(house.zalo.texts("u2")) == 1


def test_that_a_late_retry_is_taken_and_an_old_replay_is_not(house: House) -> None:
    """Z4."""
    late = house.zalo.text_event("u3", QUESTION)
    late["timestamp"] = str(int((time.time() - 110 * 60) * 1000))
    old = house.zalo.text_event("u4", QUESTION)
    old["timestamp"] = int((time.time() - 25 * 3600) * 1000)
    assert house.zalo.emit(late) == house.zalo.emit(old) == 200
    house.told("u3")
    assert house.zalo.texts("u4") == []


def test_that_a_busy_dialogue_delays_no_acknowledgement(house: House) -> None:
    """Z5: order is kept for each person."""
    house.dialogue.seconds = 0.3
    events = [
        house.zalo.text_event(f"p{n % 10}", f"câu hỏi số {n // 10} của tôi")
        for n in range(50)
    ]
    times = []
    for event in events:
        began = time.monotonic()
        assert house.zalo.emit(event) == 200
        times.append(time.monotonic() - began)
    assert max(times) < 2
    for person in range(10):
        told = house.told(f"p{person}", 5)
        assert [t.split("số ")[1][0] for t in told] == ["0", "1", "2", "3", "4"]


def attached(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"text": "", "attachments": [{"type": kind, "payload": payload}]}


URL = {"url": "https://file.example/x"}
MEDIA = [
    ("user_send_image", attached("image", URL), "event_picture"),
    ("user_send_gif", attached("gif", URL), "event_picture"),
    ("user_send_video", attached("video", URL), "event_picture"),
    ("user_send_file", attached("file", {**URL, "size": "20480"}), "event_picture"),
    ("user_send_link", attached("link", URL), "event_picture"),
    ("user_send_audio", attached("audio", URL), "event_voice"),
    ("user_send_sticker", attached("sticker", {"id": "1"}), "event_sticker"),
    (
        "user_send_location",
        attached("location", {"coordinates": {"latitude": "21", "longitude": "105"}}),
        "event_location",
    ),
    ("user_send_business_card", attached("link", URL), "event_contact"),
    ("user_send_something_new", attached("new", {}), "event_picture"),
]


@pytest.mark.parametrize(("name", "content", "key"), MEDIA, ids=lambda v: str(v)[:24])
def test_that_media_get_their_sentence_and_111(
    house: House, name: str, content: dict[str, Any], key: str
) -> None:
    """Z7, Z15: nothing is downloaded (no other address can be reached here)."""
    user = f"m-{name}"
    event = house.zalo.event(
        name,
        sender={"id": user},
        recipient={"id": OA_ID},
        message={**content, "msg_id": name},
    )
    assert house.zalo.emit(event) == 200
    (text,) = house.told(user)
    assert text.startswith(texts()[key][:20])
    assert "111" in text


QUIET = [
    ("oa_send_text", {"sender": {"id": OA_ID}, "recipient": {"id": "q"}}),
    ("user_received_message", {"sender": {"id": OA_ID}, "recipient": {"id": "q"}}),
    ("user_seen_message", {"sender": {"id": OA_ID}, "message": {"msg_ids": ["1"]}}),
    ("user_reacted_message", {"sender": {"id": "q"}, "message": {"msg_id": "1"}}),
    ("user_submit_info", {"sender": {"id": "q"}, "info": {"name": "X"}}),
    ("update_user_info", {"sender": {"id": "q"}}),
    ("add_user_to_tag", {"tag": {"user_ids": ["q"]}}),
    ("widget_interaction_accepted", {"data": {"user_id": "q"}}),
    ("user_click_response_button", {"msg_id": "1", "oa_id": OA_ID}),
    ("user_send_group_text", {"sender": {"id": "q"}, "recipient": {"id": "g"}}),
    ("something_unheard_of", {"sender": {"id": "q"}, "message": 5}),
]


@pytest.mark.parametrize(("name", "fields"), QUIET, ids=lambda v: str(v)[:24])
def test_that_other_events_are_acknowledged_and_ignored(
    house: House, name: str, fields: dict[str, Any]
) -> None:
    """Z7."""
    assert house.zalo.emit(house.zalo.event(name, **fields)) == 200
    time.sleep(0.1)
    assert house.zalo.outbox == []
    assert house.channel("zalo")["queue"] == 0


def test_that_a_new_follower_is_greeted_once(house: House) -> None:
    follow = {"oa_id": OA_ID, "follower": {"id": "f1"}}
    house.zalo.emit(house.zalo.event("follow", **follow))
    (text,) = house.told("f1")
    assert "111" in text
    house.zalo.emit(house.zalo.event("unfollow", **follow))
    wait_until(lambda: house.rows("zalo", "f1") == 0, 60)
    house.zalo.emit(house.zalo.event("follow", **follow))
    chatnow = house.zalo.event("user_click_chatnow", oa_id=OA_ID, user_id="f1")
    house.zalo.emit(chatnow)
    time.sleep(0.5)
    assert len(house.zalo.texts("f1")) == 1


@pytest.mark.parametrize("name", ["user_withdraw", "unfollow"])
def test_that_who_leaves_is_forgotten(house: House, name: str) -> None:
    """Z17."""
    user = f"w-{name}"
    house.zalo.emit(house.zalo.text_event(user, QUESTION))
    house.told(user)
    assert house.rows("zalo", user) > 0
    fields = {"user_id": user, "follower": {"id": user}, "oa_id": OA_ID}
    house.zalo.emit(house.zalo.event(name, **fields))
    wait_until(lambda: house.rows("zalo", user) == 0, 60)
    assert house.dialogue.texts()[-1] == "forget"


def test_that_a_person_who_answers_is_not_interrupted_but_for_danger(
    house: House,
) -> None:
    handover = house.zalo.event(
        "oa_send_text",
        sender={"id": OA_ID, "admin_id": "1"},
        recipient={"id": "h1"},
        message={"text": "Chào bạn", "msg_id": "m-oa-1"},
    )
    house.zalo.emit(handover)
    house.zalo.emit(house.zalo.text_event("h1", QUESTION))
    house.zalo.emit(house.zalo.text_event("h1", DANGER))
    assert "\n111: " in house.told("h1")[0]
    time.sleep(0.3)
    assert len(house.zalo.texts("h1")) == 1


def choices() -> Reply:
    return Reply(
        kind="suggest",
        text="Bạn muốn hỏi điều nào?",
        buttons=(Button("article:a", "Điều một"), Button("article:b", "Điều hai")),
    )


def test_that_choices_are_buttons_whose_payload_comes_back(house: House) -> None:
    house.dialogue.reply = choices()
    house.zalo.emit(house.zalo.text_event("b1", QUESTION))
    house.told("b1")
    first, _ = buttons_of(house.zalo.outbox[-1])
    assert first["type"] == "oa.query.hide"
    house.zalo.emit(house.zalo.text_event("b1", first["payload"]))
    house.told("b1", 2)
    assert house.dialogue.texts()[-1] == "choose_article"


@pytest.mark.parametrize(
    ("code", "told"),
    [(-201, "2"), (-233, "2."), (-210, "Điều hai"), (-200, "điều HAI")],
)
def test_that_refused_buttons_become_numbers(
    build: Build, code: int, told: str
) -> None:
    """Z10: the text arrives at once, and a number selects."""
    house = ready(build(telegram_bot_token=""))
    house.dialogue.reply = choices()
    house.zalo.faults.plan("message", "", code=code)
    house.zalo.emit(house.zalo.text_event("b2", QUESTION))
    (text,) = house.told("b2")
    assert text.splitlines()[-2:] == ["1. Điều một", "2. Điều hai"]
    house.zalo.emit(house.zalo.text_event("b2", told))
    house.told("b2", 2)
    assert house.dialogue.texts()[-1] == "choose_article"
    assert not buttons_of(house.zalo.outbox[-1])  # it is remembered


@pytest.mark.parametrize("style", ["button_template", "list", "numbered"])
def test_that_every_style_shows_text_and_choices(build: Build, style: str) -> None:
    house = ready(build(telegram_bot_token="", zalo_button_style=style))
    house.dialogue.reply = choices()
    house.zalo.emit(house.zalo.text_event("b3", QUESTION))
    (text,) = house.told("b3")
    assert "Bạn muốn hỏi điều nào?" in text
    assert bool(buttons_of(house.zalo.outbox[0])) is (style != "numbered")


def test_that_a_long_answer_comes_in_at_most_three_parts(house: House) -> None:
    """Z11."""
    url = "https://vanban.chinhphu.vn/mot-dia-chi-rat-dai-cho-phep-thu"
    reply = Reply(kind="answer", text=(f"Điều 37 nói thế, xem {url} nhé. " * 60)[:5000])
    house.dialogue.reply = reply
    house.zalo.emit(house.zalo.text_event("l1", QUESTION))
    parts = house.told("l1", 3)
    assert len(parts) == 3
    assert all(units(part) <= 2000 for part in parts)
    cut = sum(part.count("https") - part.count(url) for part in parts[:-1])
    assert cut == 0


def test_that_a_slow_answer_is_announced_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zalo shows no typing: one sentence with 111, never before a card."""
    monkeypatch.setattr(Zalo, "quiet_seconds", 0.3)
    house.dialogue.seconds = 1.5
    house.zalo.emit(house.zalo.text_event("w1", QUESTION))
    first, second = house.told("w1", 2)
    assert first.startswith(texts()["wait"])
    assert QUESTION in second
    house.zalo.emit(house.zalo.text_event("w2", DANGER))
    assert "\n111: " in house.told("w2")[0]
    house.dialogue.seconds = 0.0
    house.zalo.emit(house.zalo.text_event("w3", QUESTION))
    assert QUESTION in house.told("w3")[0]
    assert not any(texts()["wait"] in text for text in house.told("w2", 2))


@pytest.mark.large
def test_that_a_killed_gateway_asks_for_patience_once(
    build: Build, tmp_path: Any
) -> None:
    """The answer comes all the same, however often the process dies meanwhile."""
    house = build(telegram_bot_token="")
    house.start_platforms()
    house.authorize_zalo()
    house.dialogue.seconds = 5.5
    house.spawn_gateway(tmp_path / "log")
    house.zalo.emit(house.zalo.text_event("w4", QUESTION))
    house.told("w4")
    house.kill_gateway()
    house.spawn_gateway(tmp_path / "log")
    waited, answer = house.told("w4", 2)
    assert waited.startswith(texts()["wait"])
    assert QUESTION in answer


def test_that_a_busy_platform_is_waited_for(house: House) -> None:
    """Z12."""
    house.zalo.faults.plan("message", "", times=2, code=-32)
    began = time.monotonic()
    house.zalo.emit(house.zalo.text_event("r1", QUESTION))
    assert len(house.told("r1", 1)) == 1
    assert time.monotonic() - began > 2


@pytest.mark.parametrize("code", [-230, -213, -227, -232, -244])
def test_that_who_cannot_be_reached_is_not_tried_again(house: House, code: int) -> None:
    """Z13."""
    house.zalo.requests.clear()
    house.zalo.faults.plan("message", "", code=code)
    house.zalo.emit(house.zalo.text_event(f"n{code}", QUESTION))
    wait_until(lambda: bool(house.zalo.requests), 60)
    time.sleep(1.5)
    assert len(house.zalo.requests) == 1
    assert house.channel("zalo")["state"] == "ok"


@pytest.mark.parametrize("code", [-204, -209, -224, -248, -320])
def test_that_a_stopped_account_is_red_and_leaves_a_dead_letter(
    build: Build, code: int
) -> None:
    house = ready(build(telegram_bot_token=""))
    house.zalo.faults.plan("message", "", code=code)
    house.zalo.emit(house.zalo.text_event("d1", DANGER))
    house.wait_for_state("zalo", f"stopped {code}")
    wait_until(lambda: house.channel("zalo")["outbox"]["dead"] == 1, 60)


def test_that_anonymous_people_are_answered(house: House) -> None:
    """Z14: at the address that works; `-240` flips it once."""
    house.zalo.anonymous = "/v2.0/oa/message"
    for number in ("1", "2"):
        event = house.zalo.event(
            "anonymous_send_text",
            sender={"id": "anon"},
            recipient={"id": OA_ID},
            message={"text": DANGER, "msg_id": number, "conversation_id": "talk"},
        )
        house.zalo.emit(event)
        house.told("anon", int(number))
    recipient = {"anonymous_id": "anon", "conversation_id": "talk"}
    assert house.zalo.outbox[0]["recipient"] == recipient
    assert "1. " in house.zalo.texts("anon")[0]
    v3, v2 = "/v3.0/oa/message/cs", "/v2.0/oa/message"
    assert house.zalo.requests[-3:] == [v3, v2, v2]


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("/restart", None),
        ('/choose_article{"x":"y"}', None),
        ("#n:article:a", "choose_article"),
        ("#n:no_such_thing", None),
    ],
)
def test_that_typed_payloads_force_nothing(
    house: House, text: str, heard: str | None
) -> None:
    """Z16."""
    house.zalo.emit(house.zalo.text_event(f"t{text}", text))
    house.told(f"t{text}")
    assert house.dialogue.texts() == ([heard] if heard else [])


# --- tokens


def test_that_a_token_that_ran_out_is_renewed_once(build: Build) -> None:
    """Z8: several people at once, one renewal, every message sent."""
    house = ready(build(telegram_bot_token=""))
    house.zalo.expire()
    for number in range(6):
        house.zalo.emit(house.zalo.text_event(f"x{number}", QUESTION))
    for number in range(6):
        house.told(f"x{number}", 1)
    assert house.zalo.renewals == 1
    assert house.channel("zalo")["renewals"] == 2
    assert house.channel("zalo")["token_expires_in"] > 80_000


def test_that_two_gateways_never_burn_the_same_token(build: Build) -> None:
    """The lease of the store, taken by processes of their own."""
    house = build(telegram_bot_token="")
    house.zalo.lifetime = 5000
    house.start_platforms()
    house.authorize_zalo()
    store = house.store()
    pair = read_pair(store)
    house.zalo.faults.plan("token", "slow", seconds=1)
    processes = [house.renew_zalo(pair.generation) for _ in range(3)]
    assert [process.wait(90) for process in processes] == [0, 0, 0]
    assert house.zalo.renewals == 1
    assert read_pair(store).generation == pair.generation + 1
    store.close()


def test_that_a_renewal_outlives_its_gateway(build: Build, tmp_path: Any) -> None:
    """Kill -9 while Zalo is asked: the answer is kept, nothing is burnt."""
    house = build(telegram_bot_token="")
    house.zalo.lifetime = 5000
    house.start_platforms()
    house.authorize_zalo()
    house.zalo.expire()
    house.zalo.faults.plan("token", "slow", seconds=2)
    store = house.store()
    house.spawn_gateway(tmp_path / "log")
    house.zalo.emit(house.zalo.text_event("k1", QUESTION))
    wait_until(lambda: house.zalo.renewals == 1, 60)
    house.kill_gateway()
    wait_until(lambda: read_pair(store).generation == 2, 60)
    house.spawn_gateway(tmp_path / "log")
    assert len(house.told("k1", 1)) == 1
    assert house.zalo.renewals == 1
    store.close()


def test_that_a_lost_authorisation_is_red_and_asks_no_more(build: Build) -> None:
    """Z9: events are still taken; a new authorisation mends all."""
    house = ready(build(telegram_bot_token="", retry_seconds=0.1))
    house.zalo.expire()
    house.zalo._refresh.clear()
    house.zalo.emit(house.zalo.text_event("z1", QUESTION))
    house.wait_for_state("zalo", "needs_authorization")
    assert house.zalo.emit(house.zalo.text_event("z1", DANGER)) == 200
    time.sleep(1)
    assert house.zalo.renewals == 1
    address = house.command("zalo", "authorize", "--no-wait").splitlines()[-1]
    page = httpx.get(address, follow_redirects=True, trust_env=False, timeout=20)
    assert page.status_code == 200, page.text
    house.wait_for_state("zalo", "ok")
    assert any("\n111: " in text for text in house.told("z1", 2))
    assert '"error": ""' in house.command("zalo", "status")


@pytest.mark.parametrize("state", ["", "wrong"])
def test_that_a_foreign_authorisation_is_refused(house: House, state: str) -> None:
    told = {"code": "c", "state": state, "oa_id": OA_ID}
    address = f"{house.address}/webhooks/zalo/authorized"
    answer = httpx.get(address, params=told, trust_env=False)
    assert answer.status_code == 400


def test_that_the_challenge_is_that_of_the_specification() -> None:
    assert challenge_of("A" * 43) == "DwBzhbb51LfusnSGBa_hqYSgo7-j8BTQnip4TOnlzRo"


def test_that_the_domain_can_be_verified(build: Build) -> None:
    house = build(telegram_bot_token="", zalo_site_verification="AbC123")
    house.start_gateway()
    page = httpx.get(f"{house.address}/zalo_verifierAbC123.html", trust_env=False)
    assert 'content="AbC123"' in page.text
    home = httpx.get(house.address, trust_env=False).text
    assert '<meta name="zalo-platform-site-verification" content="AbC123">' in home
    other = httpx.get(f"{house.address}/zalo_verifierX.html", trust_env=False)
    assert other.status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"zalo_app_secret": "oaSecretKeyForTests01"},
        {"zalo_app_secret": ""},
        {"zalo_oa_secret_key": "short"},
        {"zalo_oa_id": ""},
        {"zalo_app_id": "${ZALO_APP_ID}"},
        {"telegram_bot_token": "${TELEGRAM_BOT_TOKEN}"},
        {"telegram_mode": "webhook", "telegram_webhook_secret": "short"},
        {"telegram_mode": "webhook", "telegram_webhook_secret": "x" * 40},
        {"gateway_secret": "short"},
    ],
    ids=str,
)
def test_that_weak_or_missing_secrets_are_one_line(
    build: Build, change: dict[str, str]
) -> None:
    """Z19: the setting is named, never its value."""
    settings = Settings(**{**build().given, "public_url": "", **change})
    with pytest.raises(SettingsError) as refused:
        create_app(settings)
    line = str(refused.value)
    assert "\n" not in line
    assert next(iter(change)).upper().split("_")[0] in line or "PUBLIC_URL" in line
    assert not [v for v in change.values() if v and len(v) > 7 and v in line]
