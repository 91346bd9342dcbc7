"""Run by test_components.py with Rasa's own Python; prints "ok" at the end."""

from __future__ import annotations

import asyncio
import json

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SessionStarted, SlotSet, UserUttered
from rasa.shared.core.slots import TextSlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message

from bot.dialogue.components.danger import DangerDetector
from bot.dialogue.components.place import PlaceExtractor
from bot.dialogue.components.syllables import SyllableTokenizer, fold
from bot.dialogue.components.tracker_store import KEPT_EVENTS, ForgetfulTrackerStore


def check_tokens() -> None:
    tokenizer = SyllableTokenizer(SyllableTokenizer.get_default_config())
    tokens = tokenizer.tokenize(Message(data={"text": "Đường dây nóng"}), "text")
    assert [token.text for token in tokens] == ["duong", "day", "nong"]
    assert tokens[2].start == 10, "places are those of the original text"
    assert fold("ĐƯỢC") == "duoc"


def check_danger() -> None:
    detector = DangerDetector()
    (told,) = detector.process([Message(data={"text": "em bị thầy sờ người"})])
    assert told.get("intent")["name"] == "report"
    assert "danger_class" in {e["entity"] for e in told.get("entities")}
    (asked,) = detector.process([Message(data={"text": "trẻ em có quyền gì"})])
    assert asked.get("intent") is None
    assessed = Message(
        data={"text": "em bị thầy sờ người", "metadata": {"assessed": True}}
    )
    (left,) = detector.process([assessed])
    assert left.get("intent") is None, "the gateway has assessed it already"


def check_place() -> None:
    (message,) = PlaceExtractor().process([Message(data={"text": "em ở Bình Dương"})])
    (entity,) = message.get("entities")
    assert entity["value"] == "Hồ Chí Minh"


async def check_store() -> None:
    slots = [TextSlot("article", mappings=[{"type": "from_entity"}])]
    store = ForgetfulTrackerStore(Domain.empty())
    tracker = DialogueStateTracker("person", slots)
    tracker.update(SessionStarted())
    tracker.update(SlotSet("article", "quyen-song"))
    for turn in range(100):
        tracker.update(UserUttered(f"word{turn}", {"name": "ask_question"}))
    await store.save(tracker)
    kept = store.store["person"]
    assert "word" not in kept, "no word of a person is kept"
    assert len(json.loads(kept)["events"]) <= KEPT_EVENTS + 1
    assert '"quyen-song"' in kept
    await store.delete("person")
    assert "person" not in store.store


check_tokens()
check_danger()
check_place()
asyncio.run(check_store())
print("ok")
