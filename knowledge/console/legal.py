"""Legal documents: what articles cite."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from knowledge.console.base import Record, revisions, workflow_states
from knowledge.console.words import choices


class LegalDocument(Record):
    """A law, decree or plan that articles cite."""

    number = models.CharField(_("Number"), max_length=120, unique=True)
    title = models.TextField(_("Full title"))
    short_title = models.CharField(_("Short title"), max_length=200)
    issuer = models.CharField(_("Issued by"), max_length=200)
    kind = models.CharField(_("Kind of document"), max_length=60)
    issued_on = models.DateField(_("Issued on"), null=True, blank=True)
    effective_on = models.DateField(_("In effect from"), null=True, blank=True)
    status = models.CharField(
        _("Legal status"), max_length=20, choices=choices("status")
    )
    superseded_by = models.ForeignKey(
        "self",
        verbose_name=_("Replaced by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="replaces",
    )
    note = models.TextField(_("Note for citizens"), blank=True)
    source = models.TextField(_("Source"))
    url = models.URLField(_("Web address"), blank=True, max_length=500)
    checked_on = models.DateField(_("Checked on"))

    _revisions = revisions()
    workflow_states = workflow_states()

    class Meta:
        verbose_name = _("legal document")
        verbose_name_plural = _("legal documents")
        ordering = ("number",)
        permissions = [("withdraw_legaldocument", "Take a document from the bot")]

    def __str__(self) -> str:
        return f"{self.number} – {self.short_title}"

    @property
    def key(self) -> str:
        """The number is the name."""
        return self.number

    def search_text(self) -> str:
        """Return number, titles and issuer."""
        return f"{self.number} {self.title} {self.short_title} {self.issuer}"

    def clean(self) -> None:
        """Refuse what the tables of the bot would refuse."""
        super().clean()
        if self.issued_on and self.effective_on and self.effective_on < self.issued_on:
            raise ValidationError(
                {"effective_on": _("This is before the day of issue.")}
            )
        if self.status == "superseded" and not self.superseded_by_id:
            raise ValidationError({"superseded_by": _("Name the successor.")})
