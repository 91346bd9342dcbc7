"""The guide inside the console: all of it, its pictures too, for staff alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from tests.console.staff import Staff
from tests.servers import ROOT

Hire = Callable[[str, str], Staff]
GUIDE = ROOT / "docs" / "console.md"


def test_that_staff_read_the_whole_guide_with_its_pictures(staff: Hire) -> None:
    lan = staff("lan", "editor")
    page = lan.open("/huong-dan/")
    headings = [
        line[3:] for line in GUIDE.read_text().splitlines() if line[:3] == "## "
    ]
    assert [
        h.text_content() for h in page.xpath("//h2[starts-with(@id, 'muc-')]")
    ] == headings
    links = page.xpath("//nav[@aria-label='Các mục của hướng dẫn']//a/@href")
    assert [page.get_element_by_id(link[1:]).tag for link in links] == ["h2"] * len(
        links
    )
    pictures = page.xpath("//div[contains(@class, 'guide')]//img")
    assert len(pictures) == GUIDE.read_text().count("](console/")
    for picture in pictures:
        answer = lan.client.get(f"/huong-dan/{picture.get('src')}")
        assert answer.status_code == 200, picture.get("src")
        assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
        assert picture.get("alt")


@pytest.mark.parametrize("page", ["/huong-dan/", "/huong-dan/hinh/edit.png"])
def test_that_a_stranger_sees_nothing_of_it(database: Path, page: str) -> None:
    assert Client().get(page).status_code == 302


def test_that_no_other_file_is_sent(staff: Hire) -> None:
    lan = staff("lan", "editor")
    for name in ("khong-co.png", "..%2Fconsole.md", "..%2F..%2Fpyproject.toml"):
        answer = lan.client.get(f"/huong-dan/hinh/{name}", follow=True)
        assert answer.status_code == 404, name
