"""The tables of the console."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

from knowledge.article import LINE_MARK
from knowledge.console.base import Record, revisions, workflow_states
from knowledge.console.inflow import AskedQuestion, ImportedFile, QuestionGroup
from knowledge.console.legal import LegalDocument
from knowledge.console.markdown import MarkdownField
from knowledge.console.records import (
    Correction,
    Count,
    Link,
    Publishing,
    SeedProposal,
    SnapshotLog,
    Tombstone,
)
from knowledge.console.review import SecondPersonTask
from knowledge.console.words import choices, topics
from knowledge.directory import CHECKED_DAYS
from knowledge.lint.copies import fold
from knowledge.provinces import load_provinces

__all__ = [
    "Article",
    "ArticleLine",
    "AskedQuestion",
    "Citation",
    "Correction",
    "Count",
    "DirectoryEntry",
    "ExampleQuestion",
    "ImportedFile",
    "LegalDocument",
    "Link",
    "Publishing",
    "QuestionGroup",
    "SecondPersonTask",
    "SeedProposal",
    "SnapshotLog",
    "Tombstone",
]

WARN_DAYS = 90
_NOT_A_NAME = re.compile(r"[^a-z0-9]+")
UID = RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*\Z", _("Use a-z, 0-9 and hyphens."))
TEL = RegexValidator(
    r"^(tel:(\+84\d{7,10}|\d{3}|1[89]00\d{4,6})|https?://[\w.\-]+(/[\w./?=&%\-]*)?)\Z",
    _("Write tel:111, tel:18001233, tel:+842432233111 or a web address."),
)


def comma_list(text: str) -> tuple[str, ...]:
    """Return the parts of a list that staff write with commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


class DirectoryEntry(Record):
    """A phone number or channel; the only place where numbers stand."""

    uid = models.CharField(
        _("Short name"), max_length=80, unique=True, validators=[UID]
    )
    name = models.CharField(_("Name of the line"), max_length=200)
    number = models.CharField(_("Number as shown"), max_length=120)
    tel = models.CharField(
        _("Number to dial"), max_length=200, blank=True, validators=[TEL]
    )
    kind = models.CharField(_("Kind of line"), max_length=12, choices=choices("kind"))
    province = models.CharField(_("Province"), max_length=60, blank=True)
    covers = models.TextField(_("What it is for"), blank=True)
    hours = models.CharField(_("Hours"), max_length=120, blank=True)
    cost = models.CharField(_("Cost"), max_length=120, blank=True)
    operator = models.CharField(_("Run by"), max_length=200, blank=True)
    source = models.TextField(_("Source"), blank=True)
    confidence = models.CharField(
        _("How sure"), max_length=12, choices=choices("confidence")
    )
    checked_on = models.DateField(_("Checked on"), null=True, blank=True)
    note = models.TextField(_("Note"), blank=True)

    _revisions = revisions()
    workflow_states = workflow_states()

    class Meta:
        verbose_name = _("hotline")
        verbose_name_plural = _("hotlines")
        ordering = ("position", "name")
        permissions = [
            ("withdraw_directoryentry", "Take a hotline from the bot"),
            ("correct_number", "Correct a number at once"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.number}"

    @property
    def key(self) -> str:
        """The short name."""
        return self.uid

    @property
    def days_unchecked(self) -> int | None:
        """Days since somebody checked the line, None if nobody did."""
        if self.checked_on is None:
            return None
        return (timezone.localdate() - self.checked_on).days

    @property
    def is_late(self) -> bool:
        """True from the 90th day without a check."""
        days = self.days_unchecked
        return days is None or days > WARN_DAYS

    @property
    def is_withdrawn(self) -> bool:
        """True after 180 days without a check; a short national number stays."""
        days = self.days_unchecked
        is_short = self.confidence == "high" and re.fullmatch(r"tel:\d{3}", self.tel)
        return days is None or (days > CHECKED_DAYS and not is_short)

    def search_text(self) -> str:
        """Return names, number and place."""
        return f"{self.name} {self.number} {self.province} {self.operator} {self.uid}"

    def clean(self) -> None:
        """Refuse what the tables of the bot would refuse."""
        super().clean()
        names = {province.new_name for province in load_provinces()}
        if self.province and self.province not in names:
            raise ValidationError(
                {"province": _("No province of today has this name.")}
            )
        if self.kind == "local" and not self.province:
            raise ValidationError({"province": _("A local line needs its province.")})
        dialled = re.sub(r"\D", "", self.tel.replace("+84", "0"))
        shown = re.sub(r"\D", "", self.number)
        if self.tel.startswith("tel:") and not shown.startswith(dialled):
            raise ValidationError(
                {"tel": _("The number shown and the number dialled differ.")}
            )


class Article(Record, ClusterableModel):
    """One question of citizens, answered."""

    uid = models.CharField(
        _("Short name"),
        max_length=80,
        unique=True,
        blank=True,
        validators=[UID],
        help_text=_("Empty: made from the title."),
    )
    title = models.CharField(_("Title"), max_length=120)
    body = MarkdownField(
        _("Text"),
        help_text=_(
            "The first paragraph is the short answer. {{line:NAME}} shows a number."
        ),
    )
    audience = models.CharField(
        _("For whom"), max_length=12, choices=choices("audience"), default="all"
    )
    topic = models.CharField(_("Topic"), max_length=60, choices=topics())
    provinces = models.CharField(
        _("Only for provinces"),
        max_length=300,
        blank=True,
        help_text=_("Names with commas between; empty for the whole country."),
    )
    related = models.CharField(
        _("Related articles"),
        max_length=500,
        blank=True,
        help_text=_("Short names of articles with commas between."),
    )
    facts = models.TextField(default="", blank=True, editable=False)
    valid_from = models.DateField(_("Holds from"))
    valid_to = models.DateField(_("Holds until"), null=True, blank=True)
    review_by = models.DateField(_("Review again by"))

    _revisions = revisions()
    workflow_states = workflow_states()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ("title",)
        permissions = [("withdraw_article", "Take an article from the bot")]

    def __str__(self) -> str:
        return self.title

    @property
    def key(self) -> str:
        """The short name."""
        return self.uid

    def search_text(self) -> str:
        """Return title, text and questions."""
        questions = " ".join(question.text for question in self.questions.all())
        return f"{self.title} {self.uid} {self.body} {questions}"

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        """Give a new article its short name before it is checked."""
        if not self.uid:
            self.uid = self._free_uid()
        super().full_clean(*args, **kwargs)

    def clean(self) -> None:
        """Refuse unknown provinces, lines and articles."""
        super().clean()
        names = {province.new_name for province in load_provinces()}
        if unknown := set(comma_list(self.provinces)) - names:
            raise ValidationError({"provinces": ", ".join(sorted(unknown))})
        lines = DirectoryEntry.objects.values_list("uid", flat=True)
        if unknown := set(LINE_MARK.findall(self.body)) - set(lines):
            raise ValidationError({"body": ", ".join(sorted(unknown))})
        if self.valid_to and self.valid_to < self.valid_from:
            raise ValidationError({"valid_to": _("This is before the first day.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Drafts without a check get their short name too."""
        self.uid = self.uid or self._free_uid()
        super().save(*args, **kwargs)

    def _free_uid(self) -> str:
        base = _NOT_A_NAME.sub("-", fold(self.title)).strip("-")[:60].strip("-")
        base, number = base or "bai", 1
        name = base
        while Article.objects.filter(uid=name).exclude(pk=self.pk).exists():
            number += 1
            name = f"{base}-{number}"
        return name


class ExampleQuestion(Orderable):
    """A question as people ask it."""

    article = ParentalKey(Article, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField(_("Question"), max_length=200)

    class Meta(Orderable.Meta):
        verbose_name = _("example question")

    def __str__(self) -> str:
        return self.text


class Citation(Orderable):
    """A place in a document."""

    article = ParentalKey(Article, on_delete=models.CASCADE, related_name="citations")
    document = models.ForeignKey(
        LegalDocument,
        verbose_name=_("legal document"),
        on_delete=models.PROTECT,
        related_name="citations",
    )
    where = models.CharField(_("Article, clause or part"), max_length=200)

    class Meta(Orderable.Meta):
        verbose_name = _("citation")

    def __str__(self) -> str:
        return f"{self.where} {self.document.number}"


class ArticleLine(Orderable):
    """A number that belongs below an article."""

    article = ParentalKey(Article, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(
        DirectoryEntry,
        verbose_name=_("hotline"),
        on_delete=models.PROTECT,
        related_name="articles",
    )

    class Meta(Orderable.Meta):
        verbose_name = _("hotline below the article")

    def __str__(self) -> str:
        return str(self.line)
