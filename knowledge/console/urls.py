"""Addresses: accounts by allauth, everything else by Wagtail's admin."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import include, path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls

from knowledge.console.signin import ACCOUNT_PATH

_TO_LOGIN = RedirectView.as_view(pattern_name="account_login", query_string=True)
_TO_FACTORS = RedirectView.as_view(pattern_name="mfa_index")
_accounts = [
    path("dang-nhap/", account.login, name="account_login"),
    path("dang-xuat/", account.logout, name="account_logout"),
    path("xac-nhan/", account.reauthenticate, name="account_reauthenticate"),
    path("mat-khau/", account.password_change, name="account_change_password"),
    # Nobody goes without the second factor, so it cannot be turned off.
    path("hai-buoc/totp/deactivate/", _TO_FACTORS),
    path("hai-buoc/", include("allauth.mfa.urls")),
]
urlpatterns = [
    path(ACCOUNT_PATH.lstrip("/"), include(_accounts)),
    # Wagtail's own sign-in asks for no code.
    path("login/", _TO_LOGIN),
    path("password_reset/", _TO_LOGIN),
    path("", include(wagtailadmin_urls)),
]
