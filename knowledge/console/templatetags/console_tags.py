"""What our own pages need."""

from __future__ import annotations

from typing import Any

from django import template
from wagtail.admin.admin_url_finder import AdminURLFinder

from knowledge.console import models
from knowledge.console.signin import nonce
from knowledge.console.words import words

register = template.Library()
register.simple_tag(nonce)


@register.simple_tag
def list_title(name: str) -> str:
    """Return the heading of a list of the home page."""
    title: str = words()["today"][name]
    return title


@register.simple_tag
def link_state(link: models.Link) -> str:
    """Return how the last check of a web address ended."""
    state: str = words()["link_states"][link.state]
    return state


@register.simple_tag
def edit_url(row: Any) -> str:
    """Return the address of a record's form."""
    return AdminURLFinder().get_edit_url(row) or ""


@register.simple_tag
def article_url(pk: str) -> str:
    """Return the address of an article's form by its number."""
    row = models.Article.objects.filter(pk=pk).first()
    return edit_url(row) if row else ""


@register.simple_tag
def proposal_url(proposal: models.SeedProposal) -> str:
    """Return the address of the record that a proposal is about."""
    model, field = {
        "article": (models.Article, "uid"),
        "legaldocument": (models.LegalDocument, "number"),
        "directoryentry": (models.DirectoryEntry, "uid"),
    }[proposal.kind]
    row = model.objects.filter(**{field: proposal.key}).first()
    return edit_url(row) if row else ""
