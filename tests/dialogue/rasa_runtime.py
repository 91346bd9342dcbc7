"""Run by test_components.py with Rasa's own Python; prints "ok" at the end."""

from __future__ import annotations

import asyncio
import json

import numpy as np
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import TextSlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message

from bot.dialogue.components.danger import DangerDetector
from bot.dialogue.components.intents import Scorer, make_model
from bot.dialogue.components.language import LanguageDetector
from bot.dialogue.components.place import PlaceExtractor
from bot.dialogue.components.syllables import SyllableTokenizer, syllables
from bot.dialogue.components.tracker_store import KEPT_EVENTS, ForgetfulTrackerStore


def check_tokens() -> None:
    tokenizer = SyllableTokenizer(SyllableTokenizer.get_default_config())
    tokens = tokenizer.tokenize(Message(data={"text": "Đường dây nóng"}), "text")
    assert [token.text for token in tokens] == ["duong", "day", "nong"]
    assert tokens[2].start == 10, "places are those of the folded text"
    (nothing,) = tokenizer.tokenize(Message(data={"text": "…"}), "text")
    assert nothing.text, "Rasa wants a token in every message"
    assert syllables("e k bt") == syllables("con không biết") == syllables("toi ko bik")
    assert syllables("em ở HN") == syllables("cháu ở hn"), "any spelling of a place"


def check_danger() -> None:
    detector = DangerDetector()
    (told,) = detector.process([Message(data={"text": "em bị thầy sờ người"})])
    assert told.get("intent")["name"] == "report"
    found = {e["entity"]: e["value"] for e in told.get("entities")}
    assert found["danger_class"] == "sexual_abuse"
    assert found["speaker"] == "child"
    (asked,) = detector.process([Message(data={"text": "trẻ em có quyền gì"})])
    assert asked.get("intent") is None
    assessed = Message(
        data={"text": "em bị thầy sờ người", "metadata": {"assessed": True}}
    )
    (left,) = detector.process([assessed])
    assert left.get("intent") is None, "the gateway has assessed it already"


def check_intents() -> None:
    """One text at a time gets the probabilities that the library gives."""
    said = {"greet": "xin chào", "thanks": "cảm ơn bạn", "ask": "trẻ em có quyền gì"}
    seen = [(" ".join(syllables(text)), text) for text in said.values()]
    model = make_model({"C": 20.0, "max_iter": 200}).fit(seen, list(said))
    scorer = Scorer(model)
    assert scorer.names == list(model.classes_)
    for views in [*seen, ("chao chao ban", "chào chào bạn"), ("zzz", "zzz"), ("", "")]:
        expected = model.predict_proba([views])[0]
        assert np.allclose(scorer.probabilities(views), expected), views


def check_place() -> None:
    texts = ("em ở Bình Dương", "em ở DN", "trẻ em có quyền gì", "/report")
    messages = PlaceExtractor().process([Message(data={"text": t}) for t in texts])
    found = [[e["value"] for e in m.get("entities") or []] for m in messages]
    assert found[0] == ["Hồ Chí Minh"]
    assert len(found[1]) > 1, "a short form that fits several is not guessed"
    assert found[2:] == [[], []]


def check_language() -> None:
    texts = ("what are children's rights", "hi", "bye bye", "tre em co quyen gi")
    messages = LanguageDetector().process([Message(data={"text": t}) for t in texts])
    intents = [(m.get("intent") or {}).get("name") for m in messages]
    assert intents == ["english", None, None, None]


def tracker_of(sender: str) -> DialogueStateTracker:
    slots = [TextSlot("article", mappings=[{"type": "from_entity"}])]
    tracker = DialogueStateTracker(sender, slots)
    tracker.update(SessionStarted())
    tracker.update(SlotSet("article", "quyen-song"))
    return tracker


async def check_store() -> None:
    store = ForgetfulTrackerStore(Domain.empty())
    tracker = tracker_of("person")
    for turn in range(100):
        tracker.update(UserUttered(f"word{turn}", {"name": "ask_question"}))
    await store.save(tracker)
    kept = store.store["person"]
    assert "word" not in kept, "no word of a person is kept"
    assert len(json.loads(kept)["events"]) <= KEPT_EVENTS + 1
    assert '"quyen-song"' in kept
    await store.delete("person")
    assert "person" not in store.store


async def check_forgetting() -> None:
    store = ForgetfulTrackerStore(Domain.empty(), retention_seconds="0.3")
    restarted = tracker_of("leaving")
    restarted.update(Restarted())
    restarted.update(ActionExecuted("action_listen"))
    await store.save(restarted)
    assert "leaving" not in store.store, "what is restarted is deleted"
    await store.save(tracker_of("silent"))
    await asyncio.sleep(0.2)
    await store.save(tracker_of("talking"))
    await asyncio.sleep(0.2)
    assert await store.retrieve("talking") is not None
    assert "silent" not in store.store, "silence deletes, whoever writes next"
    await asyncio.sleep(0.3)
    assert await store.retrieve("talking") is None


check_tokens()
check_danger()
check_intents()
check_place()
check_language()
asyncio.run(check_store())
asyncio.run(check_forgetting())
print("ok")
