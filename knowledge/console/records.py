"""What the console keeps about its own work: proposals, builds, corrections."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SeedProposal(models.Model):
    """What a newer seed says of a record that staff have changed; staff decide."""

    kind = models.CharField(max_length=20)
    key = models.CharField(_("Short name"), max_length=120)
    ours = models.TextField(blank=True)
    theirs = models.TextField(blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("proposal")
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="one_proposal_each")
        ]

    def __str__(self) -> str:
        return self.key


class Tombstone(models.Model):
    """A record of the seed that staff deleted; it never comes back by itself."""

    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=120)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="one_tombstone_each")
        ]

    def __str__(self) -> str:
        return self.key


class Publishing(models.Model):
    """One row: what the worker has to do.

    `dirty_at` is the time of the first change that the bot does not have yet.
    """

    dirty_at = models.DateTimeField(null=True)
    dirty = models.BigIntegerField(default=0)  # counts changes
    built = models.BigIntegerField(default=-1)  # `dirty` as it was at the last build
    switch_to = models.CharField(max_length=16, blank=True)
    switch_by = models.CharField(max_length=150, blank=True)
    rolled_back = models.BooleanField(default=False)
    alive_at = models.DateTimeField(null=True)

    class Meta:
        permissions = [("roll_back", "Serve an older version")]

    def __str__(self) -> str:
        return f"{self.built} of {self.dirty}"


class SnapshotLog(models.Model):
    """One build or one way back, good or refused.

    `faults` is a list of {"text", "article"}; `seconds` is the time from the first
    change to the moment when the bot answered with it, None while it has not.
    """

    began_at = models.DateTimeField(_("Time"), default=timezone.now)
    action = models.CharField(max_length=12)  # built, switched, refused
    name = models.CharField(_("Version"), max_length=16, blank=True)
    articles = models.IntegerField(_("Articles"), default=0)
    faults = models.JSONField(default=list)
    seconds = models.FloatField(_("Seconds until the bot answered"), null=True)
    by = models.CharField(_("By"), max_length=150, blank=True)

    class Meta:
        ordering = ("-began_at",)

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M} {self.action}"


class Correction(models.Model):
    """An emergency correction of a number: who, why, from what to what."""

    line = models.ForeignKey(
        "console.DirectoryEntry",
        verbose_name=_("hotline"),
        on_delete=models.PROTECT,
    )
    made_at = models.DateTimeField(_("Time"), auto_now_add=True)
    by = models.CharField(_("By"), max_length=150)
    reason = models.TextField(_("Reason"))
    before = models.CharField(_("Before"), max_length=330)
    after = models.CharField(_("After"), max_length=330)

    class Meta:
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.before} -> {self.after}"


class Count(models.Model):
    """How often something happened on a day, as the gateway counted: no words."""

    day = models.DateField()
    channel = models.CharField(max_length=16)
    kind = models.CharField(max_length=12)  # answer, suggest, abstain, card, good, …
    detail = models.CharField(max_length=120, blank=True)  # article or class
    number = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "channel", "kind", "detail"], name="one_count_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.channel} {self.kind} {self.detail}: {self.number}"


class Link(models.Model):
    """A web address that the bot shows, and how its last checks went.

    `state` is "" before the first check, then ok, failed (once or twice), broken, or
    unknown where the address could not be checked at all.
    """

    url = models.URLField(max_length=500, unique=True)
    state = models.CharField(max_length=8, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)  # in a row
    said = models.CharField(max_length=80, blank=True)  # 404, or an error's name
    checked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.url}: {self.state}"
