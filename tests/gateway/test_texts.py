"""What the gateway's own texts name must exist."""

from __future__ import annotations

from bot.gateway.texts import texts
from bot.safety.triage import DangerClass
from knowledge.article import load_articles
from tests.safety.tables import ROOT


def test_that_every_article_on_the_law_of_a_danger_exists() -> None:
    known = {article.id for article in load_articles(ROOT / "knowledge" / "articles")}
    classes = {danger.value for danger in DangerClass}
    named = texts()["law_articles"]
    assert named
    assert set(named) <= classes
    assert set(named.values()) <= known


def test_that_every_article_on_what_to_do_in_a_danger_exists() -> None:
    known = {article.id for article in load_articles(ROOT / "knowledge" / "articles")}
    classes = {danger.value for danger in DangerClass} | {"all"}
    for articles in texts()["help_articles"].values():
        assert set(articles) <= classes
        assert set(articles.values()) <= known
