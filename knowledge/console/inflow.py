"""What comes to staff from outside: questions of people, files of offices."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from knowledge.console.words import choices


class QuestionGroup(models.Model):
    """Questions that ask the same, and what staff made of them."""

    title = models.CharField(_("Question"), max_length=200)
    state = models.CharField(
        max_length=8, choices=choices("question_state"), default="open"
    )
    article = models.ForeignKey(
        "console.Article",
        verbose_name=_("article"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="question_groups",
    )
    by = models.CharField(_("By"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("group of questions")

    def __str__(self) -> str:
        return self.title


class AskedQuestion(models.Model):
    """A redacted question that the bot handed over; deleted after 90 days.

    `key` is the gateway's: it comes in once. Of a question that staff deleted the key
    alone stays, so that it does not come again. `article` did not help, "" if the bot
    had no answer at all.
    """

    key = models.CharField(max_length=40, unique=True)
    group = models.ForeignKey(
        QuestionGroup, null=True, on_delete=models.CASCADE, related_name="questions"
    )
    channel = models.CharField(max_length=16)
    article = models.CharField(max_length=120, blank=True)
    text = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ("-asked_at",)

    def __str__(self) -> str:
        return self.text


class ImportedFile(models.Model):
    """An office file as it came, and what could be read of it.

    The original lies in `DATA_DIR/console/originals`, named by its SHA-256. `text` is
    Markdown; `sections` are [heading, text] pairs, each good for an article; `refusal`
    is one sentence if nothing could be read.
    """

    name = models.CharField(_("File"), max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveIntegerField()
    by = models.CharField(_("By"), max_length=150)
    made_at = models.DateTimeField(_("Time"), auto_now_add=True)
    title = models.TextField(blank=True)
    number = models.CharField(max_length=120, blank=True)
    text = models.TextField(blank=True)
    notes = models.JSONField(default=list)
    sections = models.JSONField(default=list)
    refusal = models.TextField(blank=True)
    document = models.ForeignKey(
        "console.LegalDocument",
        null=True,
        on_delete=models.SET_NULL,
        related_name="originals",
    )
    articles = models.ManyToManyField("console.Article", related_name="originals")

    class Meta:
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return self.name
