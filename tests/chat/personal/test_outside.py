"""A linked influencer's check outside her server: for her team's campaign, with its posts, and no team hears of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bot.model.workspace import Campaign, Influencer
from bot.sandbox.people import File, Interaction, Person
from bot.services import lookup
from bot.services.setup import change_settings
from bot.store import library, links
from bot.store.verdicts import HistoryQuery
from tests.builders import make_brand
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House, utc_now
from tests.chat.personal.test_selfcheck import POSTS, id_of, link

OUTSIDE = [{"channel": "dm"}, {"channel": "drafts", "installed": "user"}]
SECOND = "Autumn: mud season"


async def title_of(opened: Interaction) -> str:
    return str((await opened.modal())["title"])


@pytest.mark.parametrize("where", OUTSIDE)
async def test_the_one_campaign_of_her_team_is_taken_without_a_question(
    waiting_house: House, tobi: Person, mira: Person, where: dict[str, str]
) -> None:
    house = waiting_house
    await link(house, person := await id_of(house, "tobi"))
    file = File("posts.jsonl", POSTS.encode())
    await (await tobi.slash("me import", {"file": file, "handle": HANDLE}, **where)).finished()
    await house.restart_bot()
    after = len(await house.sandbox.record())
    with capture_logs() as log:
        opened = await tobi.slash("selfcheck draft", {}, **where)
        assert await title_of(opened) == f"Check privately for: {CAMPAIGN}"
        sent = await tobi.submit(opened, {"text": DRAFT})
        house.start_judging(house.review_offline)
        card = await sent.finished()
    assert "S-1" in card.text
    assert CAMPAIGN in card.text
    assert await sent.ephemeral()
    check = await lookup.show(house.store, house.guild_id, "S-1", viewer_id=person)
    assert (check.draft.guild_id, check.verdict.posts_stored) == (house.guild_id, 24)  # the team's and her own
    for told in ("lena", "mira", "otto"):
        assert await house.seen(told) == []
    assert (await lookup.search(house.store, house.guild_id, HistoryQuery())).total == 0
    calls = (await house.sandbox.record())[after:]
    assert not [call for call in calls if "/channels/" in call["path"] and call["method"] != "GET"]
    written = json.dumps(log, default=str)
    assert not [word for word in (HANDLE, "tobi", str(person), CAMPAIGN, DRAFT[:20]) if word in written]
    team = await house.card(mira)
    assert "V-1" in team.text
    assert (await lookup.show(house.store, house.guild_id, "V-1", viewer_id=None)).verdict.posts_stored == 12


async def test_of_several_campaigns_she_is_asked_for_one(house: House, tobi: Person) -> None:
    await house.add_campaign(SECOND)
    await link(house, await id_of(house, "tobi"))
    asked = await tobi.slash("selfcheck draft", {}, channel="dm")
    question = await asked.finished()
    assert await asked.ephemeral()
    await house.restart_bot()
    opened = await tobi.select(question, "v1:checkfor", [SECOND])
    assert await title_of(opened) == f"Check privately for: {SECOND}"
    card = await (await tobi.submit(opened, {"text": DRAFT})).finished()
    assert "mud season" in card.text
    other = await tobi.select(question, "v1:checkfor", ["Something else: no campaign listed here"])
    assert (await other.modal())["custom_id"] == f"form:v1:own:{HANDLE}"
    named = await tobi.slash("selfcheck draft", {"campaign": CAMPAIGN.upper()}, channel="dm")
    assert await title_of(named) == f"Check privately for: {CAMPAIGN}"
    brand = await tobi.slash("selfcheck draft", {"campaign": "Tarnwater"}, channel="dm")
    assert "Tarnwater" in json.dumps(await brand.modal())
    friend = await tobi.slash("selfcheck draft", {"influencer": "somebody_else"}, channel="dm")
    assert (await friend.modal())["custom_id"] == "form:v1:own:somebody_else"


async def test_what_she_hands_in_from_outside_goes_to_the_campaign_it_was_checked_for(
    house: House, tobi: Person
) -> None:
    await house.add_campaign(SECOND)
    await link(house, await id_of(house, "tobi"))
    assert house.bot is not None
    [drafts] = [one.id for one in house.bot.get_all_channels() if one.name == "drafts"]
    await change_settings(house.store, house.guild_id, drafts_channel_id=drafts)
    opened = await tobi.slash("selfcheck draft", {"campaign": SECOND}, channel="dm")
    card = await (await tobi.submit(opened, {"text": DRAFT})).finished()
    done = await tobi.click(card, "Submit to the team: #drafts")
    assert "Handed in" in (await done.finished()).text
    await house.sandbox.until(lambda: house.seen("lena"))
    [seen] = await house.seen("lena")
    assert "V-1" in seen.text
    assert "S-1" not in seen.text
    stored = await lookup.show(house.store, house.guild_id, "V-1", viewer_id=None)
    assert stored.campaign.name == SECOND


async def test_a_campaign_is_open_only_while_she_is_linked(house: House, tobi: Person) -> None:
    await link(house, person := await id_of(house, "tobi"))
    opened = await tobi.slash("selfcheck draft", {}, channel="dm")
    async with house.store.write() as conn:
        whose = await library.find_influencer(conn, house.guild_id, HANDLE)
        assert whose is not None
        await links.remove_link(conn, house.guild_id, whose.id, person)
    refused = await tobi.submit(opened, {"text": DRAFT})
    assert "no longer open to you" in (await refused.finished()).text
    async with house.store.write() as conn:
        await links.ask_link(conn, whose, person, "Tobi", utc_now())  # asked for, not confirmed
    opened = await tobi.slash("selfcheck draft", {}, channel="dm")
    assert (await opened.modal())["custom_id"] == f"form:v1:own:{HANDLE}"


async def test_a_server_she_has_left_offers_nothing(house: House, tobi: Person) -> None:
    there = int((await house.sandbox.ask("add_guild", name="Elsewhere"))["id"])
    async with house.store.write() as conn:
        brand = replace(make_brand(), id=0, guild_id=there)
        await library.upsert_campaign(conn, Campaign(0, there, SECOND, brand))
        whose = Influencer(0, there, HANDLE, "Mo Field", "en", "US", "instagram")
        whose = await library.upsert_influencer(conn, whose)
        person = await id_of(house, "tobi")
        await links.ask_link(conn, whose, person, "Tobi", utc_now())
        await links.confirm_link(conn, there, whose.id, person, 1, utc_now())
    opened = await tobi.slash("selfcheck draft", {}, channel="dm")
    assert (await opened.modal())["custom_id"] == f"form:v1:own:{HANDLE}"
    await link(house, person)
    opened = await tobi.slash("selfcheck draft", {}, channel="dm")
    assert await title_of(opened) == f"Check privately for: {CAMPAIGN}"  # and no question


@pytest.mark.parametrize(
    ("command", "options"),
    [("me link", {"handle": HANDLE}), ("me unlink", {"handle": HANDLE}), ("privacy retention", {"days": 3})],
)
async def test_where_she_alone_has_the_bot_nothing_of_a_server_works_or_is_told(
    house: House, lena: Person, command: str, options: dict[str, object]
) -> None:
    used = await lena.slash(command, dict(options), installed="user")
    assert "only in a server that has this bot" in (await used.finished()).text
    assert await used.ephemeral()
    assert await used.followups() == []
    async with house.store.read() as conn:
        assert await links.links_of(conn, await id_of(house, "lena")) == ()
