"""Nobody is in without a second factor; Wagtail's own door is closed."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import lxml.html
import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from tests.console.staff import Staff

Hire = Callable[[str, str], Staff]
LOGIN = "/tai-khoan/dang-nhap/"
PASSWORD = "mat-khau-dai-123"
PAGES = [
    "/",
    "/bai-viet/",
    "/danh-ba/",
    "/xuat-ban/",
    "/danh-ba-so/",
    "/users/",
    "/cau-hoi/",
    "/nhap-tep/",
    "/hoi-thu/",
]


def code_of(secret: str) -> str:
    """Return the code that a phone shows now."""
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def sign_in(client: Client, name: str, password: str = PASSWORD) -> str:
    """Give name and password; returns where that leads."""
    answer = client.post(LOGIN, {"login": name, "password": password})
    return str(answer.headers.get("Location", answer.status_code))


@pytest.mark.parametrize("page", PAGES)
def test_that_a_stranger_sees_only_the_sign_in(database: Path, page: str) -> None:
    answer = Client().get(page)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(LOGIN)


@pytest.mark.parametrize("page", PAGES)
def test_that_a_password_alone_opens_nothing(database: Path, page: str) -> None:
    User.objects.create_superuser("sep", password=PASSWORD)
    client = Client()
    sign_in(client, "sep")
    assert "/totp/activate/" in client.get(page).headers["Location"]


def test_that_an_enrolled_person_needs_the_code(staff: Hire) -> None:
    staff("lan", "editor")
    client = Client()
    assert "/authenticate/" in sign_in(client, "lan")
    assert client.get("/").status_code == 302
    # A session that got in by some other door has shown no code either.
    client.force_login(
        User.objects.get(username="lan"), "django.contrib.auth.backends.ModelBackend"
    )
    assert client.get("/").headers["Location"] == "/tai-khoan/dang-xuat/"


def test_that_wagtails_own_sign_in_is_closed(staff: Hire) -> None:
    staff("lan", "editor")
    client = Client()
    values = {"username": "lan", "password": PASSWORD}
    assert client.post("/login/", values).headers["Location"].startswith(LOGIN)
    assert "_auth_user_id" not in client.session


def test_that_enrolment_gives_recovery_codes_and_entry(database: Path) -> None:
    call_command("console_first_admin", "quan", stdout=io.StringIO())
    user = User.objects.get(username="quan")
    assert not user.is_superuser
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    sign_in(client, "quan")
    address = "/tai-khoan/hai-buoc/totp/activate/"
    page = lxml.html.fromstring(client.get(address).content.decode())
    secret = page.get_element_by_id("secret").text
    answer = client.post(address, {"code": code_of(secret)})
    assert "recovery-codes" in answer.headers["Location"]
    page = lxml.html.fromstring(client.get(answer.headers["Location"]).content.decode())
    codes = [code.text for code in page.xpath("//li/code")]
    assert len(codes) == 10
    other = Client()
    sign_in(other, "quan")
    other.post("/tai-khoan/hai-buoc/authenticate/", {"code": codes[0]})
    assert other.get("/").status_code == 200


def test_that_the_fifth_wrong_password_locks(staff: Hire) -> None:
    staff("lan", "editor")
    client = Client()
    for _ in range(5):
        last = sign_in(client, "lan", "sai")
    assert last == "429"
    assert sign_in(client, "lan") in ("200", "429")  # the right one is refused too
    assert client.get("/").status_code == 302


def test_that_the_second_factor_cannot_be_turned_off(staff: Hire) -> None:
    lan = staff("lan", "editor")
    answer = lan.client.post("/tai-khoan/hai-buoc/totp/deactivate/")
    assert answer.status_code in (302, 405)
    assert lan.client.get("/").status_code == 200


def test_that_pages_may_ask_no_other_host(staff: Hire) -> None:
    answer = staff("lan", "editor").client.get("/")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert (
        answer.headers["Cache-Control"].startswith("no-store")
        or "no-store" in (answer.headers["Cache-Control"])
    )


def test_that_an_administrator_makes_no_superuser(staff: Hire) -> None:
    quan = staff("quan", "admin")
    form = {
        "username": "moi",
        "email": "moi@example.vn",
        "first_name": "Mới",
        "last_name": "Nguyễn",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "is_superuser": "on",
    }
    assert quan.client.post("/users/new/", form).status_code == 302
    assert not User.objects.get(username="moi").is_superuser
    assert staff("lan", "editor").client.get("/users/").status_code == 302


def test_that_a_lost_phone_is_one_command(staff: Hire) -> None:
    lan, out = staff("lan", "editor"), io.StringIO()
    call_command("console_reset_account", "lan", stdout=out)
    assert lan.client.get("/").status_code == 302  # the old session is over
    client = Client()
    sign_in(client, "lan", out.getvalue().strip().split(": ")[1])
    assert "/totp/activate/" in client.get("/").headers["Location"]
