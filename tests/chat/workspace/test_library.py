"""`/brand`, `/campaign`, `/influencer`: from nothing to a reviewed draft, by forms alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.model.workspace import Brand, BrandValue, Campaign, Influencer
from bot.sandbox.people import File, Interaction, Message, Person
from bot.store import library, posts
from tests.chat.house import CAMPAIGN, HANDLE, House

BRAND = {
    "name": "Corrowick",
    "category": "flasks",
    "about": "Mends every flask it ever made.",
    "value": "repair: mend, mended\nless waste",
    "claims": "hot for ten hours, or longer\nevery part sold singly",
}
DETAILS = {"handle": "@corrowick", "aliases": "Corrowick Flasks", "category_words": "flask, thermos", "competitors": ""}


async def fill(person: Person, command: str, values: dict[str, Any], **options: str) -> Interaction:
    return await person.submit(await person.slash(command, options), values)


async def saved(interaction: Interaction) -> Message:
    answer = await interaction.finished()
    assert "Saved." in answer.text, answer.text
    assert answer.ephemeral
    return answer


async def stored_brand(house: House, name: str) -> Brand | None:
    async with house.store.read() as conn:
        return await library.find_brand(conn, house.guild_id, name)


async def stored_campaign(house: House, name: str) -> Campaign | None:
    async with house.store.read() as conn:
        return await library.find_campaign(conn, house.guild_id, name)


async def stored_influencer(house: House, handle: str) -> Influencer | None:
    async with house.store.read() as conn:
        return await library.find_influencer(conn, house.guild_id, handle)


async def test_a_brand_is_added_and_its_details_by_the_button_after_a_restart(house: House, lena: Person) -> None:
    card = await saved(await fill(lena, "brand add", BRAND))
    assert "repair: mend, mended; less waste" in card.text
    await house.restart_bot()
    details = await lena.submit(await lena.click(card, "Edit details"), DETAILS)
    assert (await details.answer())["type"] == 7  # the card is changed, not repeated
    brand = await stored_brand(house, "corrowick")
    assert brand is not None
    assert brand.values == (BrandValue("repair", ("mend", "mended")), BrandValue("less waste"))
    assert brand.claims == ("hot for ten hours, or longer", "every part sold singly")
    assert (brand.handle, brand.aliases) == ("@corrowick", ("Corrowick Flasks",))
    assert (brand.category_words, brand.competitors) == (("flask", "thermos"), ())


async def test_an_edit_starts_from_what_is_stored_and_changes_nothing_else(house: House, lena: Person) -> None:
    before = await stored_brand(house, "Pebbleway")
    await saved(await fill(lena, "brand edit", {"name": "Pebbleway Run"}, name="pebbleway"))
    assert await stored_brand(house, "Pebbleway") is None
    after = await stored_brand(house, "Pebbleway Run")
    assert before is not None
    assert after is not None
    assert (after.id, after.values, after.aliases) == (before.id, before.values, before.aliases)
    assert (await stored_campaign(house, CAMPAIGN)) is not None  # still its campaign


async def test_a_campaign_gets_everything_a_file_could_set(house: House, lena: Person) -> None:
    main = {
        "name": "Mend it",
        "goal": "trust",
        "brief": "Show it.",
        "must_say": "One, two.\nThree.",
        "countries": "us、 gb",
    }
    card = await saved(await fill(lena, "campaign add", main, brand="Pebbleway"))
    more = {
        "platform": "TikTok",
        "format": "video",
        "relation": "gift, with no duty to post",
        "decide_within_hours": "４８",
    }
    await (await lena.submit(await lena.click(card, "Edit details"), more)).answer()
    campaign = await stored_campaign(house, "mend it")
    assert campaign is not None
    assert (campaign.must_say, campaign.countries) == (("One, two.", "Three."), ("US", "GB"))
    assert (campaign.platform, campaign.format, campaign.relation) == ("tiktok", "video", "gift")
    assert campaign.decide_within_hours == 48
    shown = await (await lena.slash("campaign show", {"name": "Mend it"})).finished()
    assert "48 hours" in shown.text
    assert "US, GB" in shown.text


async def test_an_influencer_is_added_with_posts_from_a_file(house: House, lena: Person, mira: Person) -> None:
    filled = {
        "name": "Wren Osgarth",
        "lang": "EN",
        "country": "United Kingdom",
        "platform": "Instagram",
        "followers": "12,500",
    }
    card = await saved(await fill(lena, "influencer add", filled, handle="@lane9_wren"))
    assert "0 past posts, 5 are needed" in card.text
    rows = [{"id": f"p{n}", "text": f"Lane nine, day {n}.", "created_at": f"2026-10-{n + 1:02}"} for n in range(6)]
    lines = [*map(json.dumps, rows), "{broken"]
    file = File("posts.jsonl", "\n".join(lines).encode())
    answer = await (await lena.slash("influencer import", {"handle": "lane9_wren", "file": file})).finished()
    assert answer.ephemeral
    assert "Posts of @lane9_wren: 6 new" in answer.text.replace("\\", "")
    assert "Rows that could not be used: 1" in answer.text
    assert "line 7" in answer.text
    influencer = await stored_influencer(house, "lane9_wren")
    assert influencer is not None
    assert (influencer.language, influencer.country, influencer.followers) == ("en", "GB", 12500)
    listed = await (await mira.slash("influencer list")).finished()
    assert "@lane9" in listed.text
    assert "6 past posts" in listed.text


async def test_a_mistyped_handle_makes_no_influencer(house: House, lena: Person) -> None:
    file = File("posts.csv", b"text\nhello\n")
    told = await lena.slash("influencer import", {"handle": "mossy_mile", "file": file})
    answer = await told.finished()
    assert "@mossy_miles" in answer.text.replace("\\", "")  # the nearest known
    assert await stored_influencer(house, "mossy_mile") is None


@pytest.mark.usefixtures("house")
async def test_whose_posts_they_are_is_told_when_the_file_says_otherwise(lena: Person) -> None:
    file = File("../../etc/posts.csv", b"username,text\nsomebody_else,My own words about a long day.\n")
    told = await lena.slash("influencer import", {"handle": HANDLE, "file": file})
    assert "posts of the account somebody" in (await told.finished()).text


@pytest.mark.parametrize(
    ("command", "values", "options", "sentence"),
    [
        ("brand add", {"name": "pebbleway"}, {}, "There is already one called pebbleway"),
        ("campaign add", {"name": CAMPAIGN.upper()}, {"brand": "Pebbleway"}, "There is already one called"),
        (
            "campaign add",
            {"name": "New", "countries": "Narnia"},
            {"brand": "Pebbleway"},
            "Countries: a code of two letters",
        ),
        ("campaign edit", {"decide_within_hours": "soon"}, {"name": CAMPAIGN, "part": "more"}, "a whole number"),
        (
            "campaign edit",
            {"brand": "Pebble"},
            {"name": CAMPAIGN, "part": "more"},
            "Did you mean Pebbleway?",
        ),
        ("influencer add", {"lang": "e"}, {"handle": "new_one"}, "Language: a code of two letters"),
    ],
)
async def test_what_cannot_be_used_is_told_in_one_sentence(
    house: House, lena: Person, command: str, values: dict[str, str], options: dict[str, str], sentence: str
) -> None:
    answer = await (await fill(lena, command, values, **options)).finished()
    assert sentence in answer.text
    [typed] = answer.data["attachments"]  # nothing of a long form is lost
    given = (await house.sandbox.file(typed)).decode()
    assert all(words in given for words in values.values())
    async with house.store.read() as conn:
        assert len(await library.brands(conn, house.guild_id)) == 1
        assert len(await library.campaigns(conn, house.guild_id)) == 1
        assert len(await library.influencers(conn, house.guild_id)) == 1


@pytest.mark.usefixtures("house")
async def test_a_handle_that_is_known_opens_no_empty_form(lena: Person) -> None:
    told = await lena.slash("influencer add", {"handle": f"@{HANDLE.upper()}"})
    assert "There is already one called @" in (await told.finished()).text


async def test_removing_asks_first_and_says_what_goes_with_it(house: House, lena: Person) -> None:
    await house.card(lena)
    asked = await lena.slash("brand remove", {"name": "Pebbleway"})
    card = await asked.finished()
    for piece in (
        "Remove Pebbleway?",
        "campaigns: 1",
        "drafts, with their verdicts and decisions: 1",
        "cannot be undone",
    ):
        assert piece in card.text, piece
    assert await stored_campaign(house, CAMPAIGN) is not None
    await house.restart_bot()
    pressed = await lena.click(card, "Remove for good")

    async def is_said() -> bool:
        now = await pressed.message()
        return now is not None and "Remove Pebbleway?" not in now.text

    await house.sandbox.until(is_said)
    assert await stored_brand(house, "Pebbleway") is None
    assert await stored_campaign(house, CAMPAIGN) is None
    again = await lena.slash("brand remove", {"name": "Pebbleway"})
    assert "There is no brand here yet" in (await again.finished()).text


async def test_private_checks_are_not_counted_before_a_removal(house: House, lena: Person) -> None:
    await (await house.review(lena, command="selfcheck draft")).finished()
    card = await (await lena.slash("influencer remove", {"handle": HANDLE})).finished()
    assert "past posts: 12" in card.text
    assert "drafts" not in card.text


async def test_a_long_list_turns_its_pages_after_a_restart(house: House, mira: Person) -> None:
    async with house.store.write() as conn:
        for number in range(23):
            person = Influencer(0, house.guild_id, f"walker_{number:02}", "", "en", None, "instagram")
            await library.upsert_influencer(conn, person)
    listing = await mira.slash("influencer list")
    first = await listing.finished()
    assert "24 in all, page 1 of 3" in first.text
    await house.restart_bot()
    await (await mira.click(first, "Next")).answer()
    turned = await listing.message()
    assert turned is not None
    assert "page 2 of 3" in turned.text


@pytest.mark.usefixtures("house")
async def test_who_may_not_decide_sees_cards_without_edit_buttons(mira: Person, lena: Person) -> None:
    seen = await (await mira.slash("brand show", {"name": "Pebbleway"})).finished()
    assert "[ Edit ]" not in seen.text
    own = await (await lena.slash("brand show", {"name": "Pebbleway"})).finished()
    assert "[ Edit ]" in own.text


async def test_private_posts_are_not_counted(house: House, mira: Person) -> None:
    async with house.store.write() as conn:
        await conn.exec_driver_sql("UPDATE post SET owner_id = 5 WHERE id IN ('p0', 'p1')")
        assert {count for count, _ in (await posts.team_posts(conn, house.guild_id)).values()} == {10}
    shown = await (await mira.slash("influencer show", {"handle": HANDLE})).finished()
    assert "10 past posts" in shown.text
