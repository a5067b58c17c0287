"""`/influencer trend`, `/campaign overview` and `/history export` over sockets."""

from __future__ import annotations

import json

import pytest

from bot.model.decisions import DecisionKind
from bot.sandbox.people import Person
from bot.services import lookup
from tests.chat.house import CAMPAIGN, HANDLE, House


async def test_a_trend_is_a_picture_that_says_the_same_in_words(house: House, mira: Person) -> None:
    await house.card(mira)
    await (await house.review(mira, command="selfcheck")).finished()
    shown = await (await mira.slash("influencer trend", {"handle": HANDLE})).finished()
    assert shown.ephemeral
    assert "Fits 1" in shown.text
    assert "V-1 to V-1" in shown.text
    assert "[image: Trend of @mossy_miles. A Levels by verdict: V-1" in shown.text
    [file] = shown.data["attachments"]
    assert (await house.sandbox.file(file)).startswith(b"\x89PNG")


async def test_an_overview_names_who_and_what_is_open(house: House, mira: Person, lena: Person) -> None:
    card = await house.card(mira)
    await house.card(mira)
    await (await lena.click(card, "Approve")).answer()
    shown = await (await mira.slash("campaign overview", {"name": CAMPAIGN})).finished()
    for piece in ("@mossy\\_miles: Fits 2", "approved 1", "no decision stands 1", "open: V-2"):
        assert piece in shown.text
    assert len(shown.data["attachments"]) == 1


@pytest.mark.usefixtures("house")
async def test_a_name_that_is_none_is_told(mira: Person) -> None:
    told = await mira.slash("influencer trend", {"handle": "nobody_here"})
    assert "No influencer @nobody\\_here" in (await told.finished()).text
    assert await told.ephemeral()
    told = await mira.slash("campaign overview", {"name": "Winter"})
    assert "There is no campaign 'Winter'" in (await told.finished()).text


async def test_an_export_is_a_file_for_whoever_decides_alone(house: House, mira: Person, lena: Person) -> None:
    await house.card(mira)
    await (await house.review(mira, command="selfcheck")).finished()
    told = await mira.slash("history export")
    assert "Only the people chosen in /setup" in (await told.finished()).text
    for format, options in (("csv", {}), ("json", {"format": "json", "decision": "open", "until": "2169-01-31"})):
        sent = await (await lena.slash("history export", options)).finished()
        assert sent.ephemeral
        assert "1 of 1 verdict" in sent.text
        [file] = sent.data["attachments"]
        assert file["filename"].endswith(f".{format}")
        data = await house.sandbox.file(file)
        assert b"V-1" in data
        assert b"S-1" not in data
        if format == "json":
            assert [row["verdict_id"] for row in json.loads(data)] == ["V-1"]
    nothing = await (await lena.slash("history export", {"decision": "approve"})).finished()
    assert "No verdict matches" in nothing.text


async def test_history_is_narrowed_by_brand_person_decision_and_last_day(
    house: House, mira: Person, lena: Person
) -> None:
    card = await house.card(mira)
    await (await lena.click(card, "Approve")).answer()
    [decision] = (await lookup.show(house.store, house.guild_id, "V-1", viewer_id=None)).decisions
    assert decision.kind is DecisionKind.APPROVE
    for options, found in (
        ({"brand": "pebbleway"}, True),
        ({"decision": "approve"}, True),
        ({"decision": "open"}, False),
        ({"person": "lena"}, True),
        ({"person": "otto"}, False),
        ({"until": "2020-01-31"}, False),
        ({"brand": "Pebbleway", "person": "mira", "decision": "approve", "until": "2169-12-31"}, True),
    ):
        listed = await (await mira.slash("history search", options)).finished()
        assert ("V-1" in listed.text) is found, options
