"""Looking back crosses no channel's rights: who cannot see where a draft was reviewed finds nothing of it."""

from __future__ import annotations

import json
from dataclasses import replace

import discord
import pytest

from bot.sandbox.people import File, Interaction, Person, Sandbox
from bot.services import lookup
from bot.services.setup import change_settings
from bot.store import library
from bot.store.verdicts import HistoryQuery
from bot.texts import text
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House
from tests.chat.personal.test_selfcheck import id_of, link

WORDS = "600 miles"  # of the draft
LOOKS = (
    ("history search", {"text": "miles"}),
    ("history show", {"number": "V-1"}),
    ("history decisions", {"number": "V-1"}),
    ("influencer trend", {"handle": HANDLE}),
    ("campaign overview", {"name": CAMPAIGN}),
)


@pytest.fixture
async def nele(house: House) -> Person:
    """One more of marketing: sees #team, decides nothing."""
    await house.sandbox.ask("add_person", name="nele", roles=["marketing"])
    return house.sandbox.person("nele")


async def shown(interaction: Interaction) -> str:
    """What the person got to see, for their eyes only."""
    found = (await interaction.finished()).text.replace("\\", "")
    assert await interaction.ephemeral()
    return found


async def looks(person: Person) -> list[str]:
    return [await shown(await person.slash(name, options)) for name, options in LOOKS]


async def finds(person: Person, channel: str = "drafts") -> bool:
    """Whether search and number lead to V-1."""
    listed = await shown(await person.slash("history search", {"text": "miles"}, channel))
    opened = await shown(await person.slash("history show", {"number": "V-1"}, channel))
    assert ("V-1" in listed) == (WORDS in opened)
    return WORDS in opened


async def test_what_was_reviewed_in_a_hidden_channel_is_not_there_for_others(
    house: House, mira: Person, lena: Person, nele: Person, sandbox: Sandbox
) -> None:
    await house.card(mira, channel="team")
    for person in (mira, lena, nele):
        found = await looks(person)
        assert ["V-1" in one for one in found] == [True] * 5, (person.name, found)
    for name in ("tobi", "otto"):
        searched, opened, decided, trend, overview = await looks(sandbox.person(name))
        assert text("en", "history.none") in searched
        assert text("en", "lookup_problem.no_verdict", number="V-1") in opened
        assert opened == decided
        assert text("en", "chart.no_verdicts") in trend
        assert text("en", "chart.no_verdicts") in overview
        assert "V-1" not in trend + overview


async def test_who_loses_the_channel_loses_its_verdicts_and_keeps_their_own(
    house: House, mira: Person, nele: Person, sandbox: Sandbox
) -> None:
    await house.card(mira, channel="team")
    assert await finds(nele)
    await sandbox.ask("permit", subject="marketing", channel="team")
    await sandbox.until(lambda: house.bot is not None and not _open(house, "team", "marketing"))
    assert not await finds(nele)
    assert await finds(mira)


def _open(house: House, channel: str, role: str) -> bool:
    assert house.bot is not None
    [guild] = house.bot.guilds
    [place] = [one for one in guild.channels if one.name == channel]
    [whose] = [one for one in guild.roles if one.name == role]
    return place.permissions_for(whose).view_channel


async def test_a_right_in_one_channel_opens_no_other(house: House, mira: Person, sandbox: Sandbox) -> None:
    """Who may decide in #drafts alone, by an overwrite, sees nothing of #team, nor exports it."""
    otto = sandbox.person("otto")
    await sandbox.configure(commands_opened=True)
    await house.card(mira, channel="team")
    await sandbox.ask("permit", subject="otto", channel="drafts", allow=["manage_messages"])
    assert not await finds(otto)
    exported = await shown(await otto.slash("history export"))
    assert text("en", "history.export_none") in exported
    await change_settings(house.store, house.guild_id, decider_roles=(await role_id(house, "influencer"),))
    assert await finds(sandbox.person("tobi"))


async def role_id(house: House, name: str) -> int:
    [found] = [one["id"] for one in (await house.sandbox.ask("places_and_people"))["roles"] if one["name"] == name]
    return int(found)


async def test_a_linked_influencer_sees_what_is_about_them(house: House, mira: Person, tobi: Person) -> None:
    await house.card(mira, channel="team")
    assert not await finds(tobi)
    await link(house, await id_of(house, "tobi"))
    assert await finds(tobi)


async def test_threads_are_seen_as_discord_shows_them(house: House, mira: Person, sandbox: Sandbox) -> None:
    otto = sandbox.person("otto")
    assert house.bot is not None
    [drafts] = [one for one in house.bot.guilds[0].text_channels if one.name == "drafts"]
    public = await drafts.create_thread(name="open", type=discord.ChannelType.public_thread)
    await house.card(mira, channel=str(public.id))
    assert await finds(otto)
    await public.edit(archived=True)
    await sandbox.until(lambda: public not in drafts.guild.threads)
    assert not await finds(otto)  # nothing tells any more who can see it
    private = await drafts.create_thread(name="hidden", type=discord.ChannelType.private_thread)
    await private.add_user(discord.Object(await id_of(house, "mira")))
    await house.card(mira, channel=str(private.id))
    opened = await otto.slash("history show", {"number": "V-2"})
    assert text("en", "lookup_problem.no_verdict", number="V-2") in await shown(opened)
    assert WORDS in await shown(await mira.slash("history show", {"number": "V-2"}))


async def test_versions_of_other_channels_are_left_out(house: House, mira: Person, sandbox: Sandbox) -> None:
    await house.card(mira, channel="team")
    again = await mira.slash("history show", {"number": "V-1"})
    form = await mira.click(await again.finished(), "New version")
    card = await (await mira.submit(form, {"text": "Ad | Only in the mud, twice a week."})).finished()
    assert "V-2" in card.text
    assert WORDS not in card.text  # as what was changed
    versions = await shown(await sandbox.person("otto").slash("history decisions", {"number": "V-2"}))
    assert "twice a week" in versions
    assert WORDS not in versions
    assert WORDS in await shown(await mira.slash("history decisions", {"number": "V-2"}))


async def test_a_batch_is_for_who_can_see_its_card(house: House, mira: Person, nele: Person, sandbox: Sandbox) -> None:
    rows = f"handle,campaign,text\n{HANDLE},{CAMPAIGN},{DRAFT.replace(',', ' ')}\n"
    await (await mira.slash("batch", {"file": File("drafts.csv", rows.encode())}, "team")).finished()

    async def is_judged() -> bool:
        return (await lookup.search(house.store, house.guild_id, HistoryQuery())).total == 1

    await sandbox.until(is_judged)
    assert await finds(nele)
    assert not await finds(sandbox.person("otto"))


async def test_pages_and_buttons_ask_anew(house: House, mira: Person, nele: Person, sandbox: Sandbox) -> None:
    """What opened while the person could still see the channel opens nothing once they cannot."""
    for _ in range(6):
        await house.card(mira, channel="team")
    listed = await (await nele.slash("history search")).finished()
    copy = await (await nele.slash("history show", {"number": "V-1"})).finished()
    await sandbox.ask("permit", subject="marketing", channel="team")
    await sandbox.until(lambda: house.bot is not None and not _open(house, "team", "marketing"))
    turned = await (await nele.click(listed, "Next")).finished()
    assert text("en", "history.none") in turned.text
    evidence = await nele.click(copy, "Evidence")
    assert text("en", "lookup_problem.removed", number="V-1") in await shown(evidence)


async def test_a_brief_is_for_who_decides(house: House, lena: Person, tobi: Person) -> None:
    async with house.store.write() as conn:
        [campaign] = await library.campaigns(conn, house.guild_id)
        await library.upsert_campaign(conn, replace(campaign, goal="win back", brief="say no word of the recall"))
    secret = ("win back", "recall")
    told = await shown(await tobi.slash("campaign show", {"name": CAMPAIGN}))
    assert not [one for one in secret if one in told]
    assert campaign.brand.name in told
    told = await shown(await lena.slash("campaign show", {"name": CAMPAIGN}))
    assert all(one in told for one in secret)


async def test_the_picture_counts_what_is_seen(house: House, mira: Person, sandbox: Sandbox) -> None:
    await house.card(mira, channel="team")
    await house.card(mira)
    drawn = await (await sandbox.person("otto").slash("campaign overview", {"name": CAMPAIGN})).finished()
    assert "V-2" in drawn.text
    assert "V-1" not in json.dumps(drawn.data)
