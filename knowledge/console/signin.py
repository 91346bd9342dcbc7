"""Sign-in: no page of the console without a second factor; no word to other hosts."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.signals import authenticator_added
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import redirect
from django.urls import reverse

ACCOUNT_PATH = "/tai-khoan/"
_OPEN = (ACCOUNT_PATH, settings.STATIC_URL, "/jsi18n/")
_PAGE = "document"
RECENT = 300  # seconds
PROVEN = "second_factor_of"  # session key: whose code this session has seen
# Wagtail sets styles on elements; the small scripts in its pages carry the nonce.
_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)
Handler = Callable[[HttpRequest], HttpResponse]
_nonce: ContextVar[str] = ContextVar("nonce", default="")


def nonce() -> str:
    """Return what an inline script of the page that is made now must carry."""
    return _nonce.get()


class StaffAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator; nothing is sent by mail."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up."""
        return False

    def is_reauthentication_required(self, app: str) -> bool:
        """Who has just signed in is not asked for the password again."""
        records = get_authentication_records(self.request, self.request.user)
        return not any(time.time() - record["at"] < RECENT for record in records)

    def send_mail(self, *args: object, **kwargs: object) -> None:
        """A centre may have no mail server; the page says what matters."""


class ContentSecurityPolicy:
    """Lets pages load and send nothing but to this server."""

    def __init__(self, get_response: Handler) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        own = secrets.token_urlsafe(16)
        _nonce.set(own)
        response = self._next(request)
        response.setdefault("Content-Security-Policy", _POLICY.format(nonce=own))
        if not request.path.startswith(settings.STATIC_URL):
            response.setdefault("Cache-Control", "no-store")
        return response


class SecondFactorRequired:
    """Refuses everybody who has not shown a code in this session."""

    def __init__(self, get_response: Handler) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(_OPEN):
            return self._next(request)
        refusal = _refusal(request)
        # An icon or a script sent on to the enrolment would make a new key there.
        if refusal and request.headers.get("Sec-Fetch-Dest", _PAGE) != _PAGE:
            return HttpResponseForbidden()
        return refusal or self._next(request)


def _refusal(request: HttpRequest) -> HttpResponse | None:
    """Return where somebody has to go first, None if nowhere."""
    if not request.user.is_authenticated:
        return redirect(f"{reverse('account_login')}?next={request.path}")
    if not is_mfa_enabled(request.user):
        return redirect("mfa_activate_totp")
    if not has_shown_code(request):
        return redirect("account_logout")
    return None


def has_shown_code(request: HttpRequest) -> bool:
    """True if this session was opened with a code, or enrolled with one."""
    if request.session.get(PROVEN) == request.user.pk:
        return True
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


@receiver(authenticator_added)
def _enrolled(request: HttpRequest, user: object, **_rest: object) -> None:
    """Enrolment asks for a code, so the session has shown one."""
    request.session[PROVEN] = request.user.pk
