"""The page, the files and the admin API as a browser meets them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox import admin
from bot.sandbox.errors import RefusedError
from bot.sandbox.people import File, Person, Sandbox

PAGE = Path(admin.__file__).with_name("page.html").read_text(encoding="utf-8")


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_the_page_loads_nothing_from_elsewhere(sandbox: Sandbox, browser: aiohttp.ClientSession) -> None:
    async with browser.get(f"{sandbox.url}/") as response:
        assert await response.text() == PAGE
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'; connect-src 'self'")
    assert re.findall(r"(?:src|href)=[\"']?http", PAGE) == []
    assert "innerHTML" not in PAGE


def test_the_page_asks_for_verbs_that_exist() -> None:
    asked = set(re.findall(r'ask\("(\w+)"', PAGE))
    assert asked
    assert asked <= set(admin.VERBS)


@pytest.mark.parametrize(
    "headers",
    [{"Content-Type": "text/plain"}, {"Content-Type": "application/json", "Host": "rebound.example"}],
)
async def test_websites_cannot_use_the_admin_verbs(
    sandbox: Sandbox, browser: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    async with browser.post(f"{sandbox.url}/admin/reset", data="{}", headers=headers) as response:
        assert response.status == 403


async def test_verbs_that_do_not_exist(sandbox: Sandbox) -> None:
    with pytest.raises(RefusedError, match="no verb 'dance'"):
        await sandbox.ask("dance")
    with pytest.raises(RefusedError, match="No such setting"):
        await sandbox.configure(colour="red")


@pytest.mark.parametrize(
    ("name", "kind", "disposition"),
    [
        ("a.png", "image/png", None),
        ("日本 語#?.png", "image/png", None),
        ("a.html", "application/octet-stream", "attachment"),
        ("a.svg", "application/octet-stream", "attachment"),
        ("../up.txt", "application/octet-stream", "attachment"),
    ],
)
async def test_files_are_served_whatever_they_are_called(
    mira: Person, browser: aiohttp.ClientSession, name: str, kind: str, disposition: str | None
) -> None:
    said = await mira.say("drafts", attachments=[File(name, b"bytes")])
    async with browser.get(said.data["attachments"][0]["url"]) as response:
        assert await response.read() == b"bytes"
        assert response.content_type == kind
        assert response.headers.get("Content-Disposition") == disposition


async def test_channels_open_to_somebody(sandbox: Sandbox) -> None:
    found = {
        name: [one.get("name", "dm") for one in await sandbox.ask("open_to", person=name)] for name in ("mira", "tobi")
    }
    assert found == {"mira": ["drafts", "team", "dm"], "tobi": ["drafts", "dm"]}


async def test_the_clock_can_be_held(sandbox: Sandbox) -> None:
    held = await sandbox.ask("hold_clock", hold=True)
    assert await sandbox.ask("advance", seconds=0) == held
    assert await sandbox.ask("advance", seconds=60) == held + 60
    released = await sandbox.ask("hold_clock", hold=False)
    assert released == pytest.approx(held + 60, abs=1)
    assert await sandbox.ask("advance", seconds=0) > released


async def test_what_many_do_at_once_is_told_each(sandbox: Sandbox) -> None:
    said = [{"verb": "say", "person": name, "channel": "drafts", "text": f"{name}!"} for name in ("mira", "lena")]
    made = await sandbox.ask("at_once", acts=said)
    assert [one["content"] for one in made] == ["mira!", "lena!"]
    assert [one.id for one in await sandbox.seen_by("mira")][-2:] == [one["id"] for one in made]
