"""Every card for every speaker, level, register and province."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product

import pytest
import yaml

from bot.reply import PhoneNumber, Reply
from bot.safety.cards import (
    FOLDER,
    address_words,
    fallback_card,
    fallback_numbers,
    load_cards,
    render_card,
)
from bot.safety.place import load_gazetteer
from bot.safety.triage import DangerClass, Level, Speaker, Triage
from knowledge.directory import Directory

DIRECTORY = Directory.load()
PROVINCES = sorted(set(load_gazetteer().current.values()))
CHILD_WORDS, ADULT_WORDS, CHILD_SENTENCE = 60, 90, 20
CHILD_CODES = ("em", "con", "chau")
MEDICAL = DangerClass.MEDICAL_EMERGENCY
CLASSES = [c for c in DangerClass if c is not DangerClass.TEST]
DANGER_LEVELS = (Level.P0, Level.P1, Level.P2)


@lru_cache
def forbidden() -> dict[str, list[str]]:
    with (FOLDER / "forbidden.yml").open(encoding="utf-8") as file:
        words: dict[str, list[str]] = yaml.safe_load(file)
        return words


def triage_of(
    danger_class: DangerClass | None,
    speaker: Speaker = Speaker.CHILD,
    level: Level = Level.P1,
    **changes: object,
) -> Triage:
    values: dict[str, object] = {
        "level": level,
        "danger_class": danger_class,
        "speaker": speaker,
        "address": "",
        "urgent": False,
        "soft": False,
        "place": None,
        "matched": (),
    }
    return Triage(**{**values, **changes})  # type: ignore[arg-type]


def every_triage() -> list[Triage]:
    """All classes, speakers, levels, urgencies, languages and soft cards."""
    found = []
    for name, speaker, level in product(CLASSES, Speaker, DANGER_LEVELS):
        for urgent, language in product((False, True), ("vi", "en")):
            for matched in ((), ("own-wish-01",), ("seek-01",)):
                found.append(
                    triage_of(
                        name,
                        speaker,
                        level,
                        urgent=urgent,
                        language=language,
                        matched=matched,
                    )
                )
    for speaker, language in product(Speaker, ("vi", "en")):
        found.append(triage_of(None, speaker, Level.P2, soft=True, language=language))
        found.append(triage_of(DangerClass.TEST, speaker, Level.PX, language=language))
    return found


def addresses_of(speaker: Speaker) -> list[str]:
    codes = {
        Speaker.CHILD: CHILD_CODES,
        Speaker.UNKNOWN: ("ban",),
        Speaker.TEACHER: ("teacher", "adult"),
    }
    return [address_words()[code] for code in codes.get(speaker, ("adult",))]


def words_of(text: str) -> list[str]:
    return text.split()


def test_that_every_card_of_every_province_has_111_among_the_first_two() -> None:
    """R4 and R5: a local line comes after 111 and never first."""
    for triage in every_triage():
        national = render_card(triage, DIRECTORY)
        for province in (None, *PROVINCES):
            placed = Triage(**{**_values(triage), "place": province})  # type: ignore[arg-type]
            numbers = [n.number for n in render_card(placed, DIRECTORY).numbers]
            first = 3 if triage.danger_class is MEDICAL else 2
            assert "111" in numbers[:first], (triage, numbers)
            assert numbers[: len(national.numbers)] == [
                n.number for n in national.numbers
            ]


def _values(triage: Triage) -> dict[str, object]:
    return {name: getattr(triage, name) for name in Triage.__dataclass_fields__}


def test_that_every_number_comes_from_the_directory() -> None:
    known = {line.tel for line in DIRECTORY.every()}
    for triage, province in product(every_triage(), ("Hồ Chí Minh", None)):
        placed = Triage(**{**_values(triage), "place": province})  # type: ignore[arg-type]
        for phone in render_card(placed, DIRECTORY).numbers:
            assert phone.tel in known


def test_that_the_text_names_only_short_numbers_that_it_shows_or_may_show() -> None:
    for triage in every_triage():
        text = render_card(triage, DIRECTORY).text
        assert set(re.findall(r"\d{3,}", text)) <= {"111", "113", "114", "115"}


@pytest.mark.parametrize("speaker", Speaker)
def test_that_a_card_is_short_enough(speaker: Speaker) -> None:
    limit = CHILD_WORDS if speaker is Speaker.CHILD else ADULT_WORDS
    for triage in (t for t in every_triage() if t.speaker is speaker):
        for address in addresses_of(speaker):
            addressed = Triage(**{**_values(triage), "address": address})  # type: ignore[arg-type]
            text = render_card(addressed, DIRECTORY).text
            assert len(words_of(text)) <= limit, (triage.danger_class, text)


def test_that_a_child_reads_short_sentences() -> None:
    for triage in (t for t in every_triage() if t.speaker is Speaker.CHILD):
        text = render_card(triage, DIRECTORY).text
        for sentence in re.split(r"[.!?:;\n]+", text):
            assert len(words_of(sentence)) <= CHILD_SENTENCE, sentence


def test_that_no_card_holds_a_forbidden_phrase() -> None:
    for triage in every_triage():
        text = f" {render_card(triage, DIRECTORY).text.lower()} "
        phrases = list(forbidden()["everywhere"])
        if triage.speaker in (Speaker.CHILD, Speaker.UNKNOWN):
            phrases += forbidden()["child"]
        for phrase in phrases:
            assert not re.search(rf"\b{re.escape(phrase)}\b", text), (phrase, text)


def test_that_the_first_line_tells_nothing_on_a_locked_screen() -> None:
    """R13."""
    for triage in every_triage():
        first = render_card(triage, DIRECTORY).text.split("\n")[0].lower()
        for word in forbidden()["first_line"]:
            assert not re.search(rf"\b{re.escape(word)}\b", first), (word, first)


def test_that_a_child_card_has_no_exclamation_mark_and_no_open_braces() -> None:
    for triage in every_triage():
        text = render_card(triage, DIRECTORY).text
        assert not set("!{}") & set(text)


def test_that_every_full_card_can_be_corrected_in_one_tap() -> None:
    """R8: at most one question, and always the way back to the information."""
    for triage in every_triage():
        reply = render_card(triage, DIRECTORY)
        names = [b.id for b in reply.buttons]
        assert "only_info" in names
        assert len(names) <= 3
        assert all(len(n) <= 32 and n.isascii() for n in names)
        assert reply.text.count("?") <= 1
        if triage.soft:
            assert names == ["need_help", "only_info", "danger_now"]


def test_that_danger_now_comes_first_only_at_level_zero_or_for_a_body() -> None:
    for triage in every_triage():
        numbers = [n.number for n in render_card(triage, DIRECTORY).numbers]
        looks_for_child = triage.danger_class is DangerClass.MISSING_CHILD
        if triage.level is not Level.P0 and triage.danger_class is not MEDICAL:
            assert numbers[0] == "111" or looks_for_child, triage


def test_that_the_form_of_address_is_the_persons_own() -> None:
    for code in CHILD_CODES:
        word = address_words()[code]
        triage = triage_of(DangerClass.PHYSICAL_VIOLENCE, address=word)
        text = render_card(triage, DIRECTORY).text
        others = {address_words()[c] for c in CHILD_CODES} - {word}
        assert word in words_of(text.replace(",", " ").replace(".", " "))
        assert not others & set(words_of(text.lower()))


class BrokenDirectory:
    """A directory whose file cannot be read."""

    def phone(self, name: str) -> PhoneNumber | None:
        raise OSError(name)

    def local(self, province: str) -> tuple[object, ...]:
        raise OSError(province)


def test_that_a_broken_directory_still_gives_111_113_and_115() -> None:
    name, place = DangerClass.PHYSICAL_VIOLENCE, PROVINCES[0]
    triage = triage_of(name, level=Level.P0, place=place)
    numbers = [n.number for n in render_card(triage, BrokenDirectory()).numbers]
    assert numbers == ["113", "111", "115"]
    fallback = [n.number for n in fallback_card(BrokenDirectory()).numbers]
    assert fallback == ["111", "113", "115"]
    assert len(fallback_numbers()) == 3


def test_that_a_soft_card_says_so_and_a_test_is_not_scolded() -> None:
    soft = render_card(triage_of(None, level=Level.P2, soft=True), DIRECTORY)
    assert (soft.soft, soft.kind, soft.numbers[0].number) == (True, "card", "111")
    test = render_card(triage_of(DangerClass.TEST, level=Level.PX), DIRECTORY)
    assert (test.soft, test.level, test.numbers[0].number) == (False, "PX", "111")


def test_that_a_reply_survives_the_way_to_json_and_back() -> None:
    for triage in every_triage():
        reply = render_card(triage, DIRECTORY)
        assert Reply.from_json(reply.to_json()) == reply


def test_that_every_class_has_cards_in_both_languages() -> None:
    cards = load_cards()
    for name in (*(c.value for c in DangerClass), "soft", "fallback"):
        assert all(cards[name][language] for language in ("vi", "en"))
        speakers = {s for card in cards[name]["vi"] for s in card.speakers}
        assert speakers == set(Speaker), name


def test_that_a_request_for_such_content_is_refused_without_a_question() -> None:
    """T16: refuse, 111, no further dialogue, whoever asks."""
    for speaker, language in product(Speaker, ("vi", "en")):
        triage = triage_of(
            DangerClass.OFFENDER, speaker, matched=("seek-01",), language=language
        )
        reply = render_card(triage, DIRECTORY)
        assert "?" not in reply.text
        assert [b.id for b in reply.buttons] == ["only_info"]
        assert reply.numbers[0].number == "111"


def test_that_a_parent_who_hit_hears_nothing_of_pictures_or_psychiatry() -> None:
    hit = render_card(triage_of(DangerClass.OFFENDER, Speaker.PARENT), DIRECTORY)
    wish = triage_of(DangerClass.OFFENDER, Speaker.PARENT, matched=("own-wish-01",))
    assert hit.text != render_card(wish, DIRECTORY).text
    assert {"111", "115"} <= {n.number for n in hit.numbers[:2]}
