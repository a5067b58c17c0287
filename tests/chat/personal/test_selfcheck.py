"""Self-checks in a server, in direct messages and as a person's own app; nobody else ever hears of one."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from bot.model.messages import Message
from bot.sandbox.people import File, Person
from bot.services.setup import change_settings
from bot.store import library, links
from bot.store.own import workspace_of
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House, utc_now

ASK = {"brand": "Pebbleway", "about": "running shoes", "where": "US, instagram", "text": DRAFT}
POSTS = "\n".join(
    json.dumps(
        {"id": f"own{n}", "text": f"Private trail note {n}: I mend my own shoes.", "date": f"2026-09-{n + 1:02}"}
    )
    for n in range(12)
)


async def link(house: House, person_id: int) -> None:
    """The team has confirmed who the person is."""
    async with house.store.write() as conn:
        whose = await library.find_influencer(conn, house.guild_id, HANDLE)
        assert whose is not None
        await links.ask_link(conn, whose, person_id, "Tobi", utc_now())
        await links.confirm_link(conn, house.guild_id, whose.id, person_id, 1, utc_now())


async def id_of(house: House, name: str) -> int:
    people = (await house.sandbox.ask("places_and_people"))["people"]
    return next(int(one["id"]) for one in people if one["username"] == name)


@pytest.mark.parametrize("where", [{"channel": "dm"}, {"channel": "drafts", "installed": "user"}])
async def test_a_check_outside_any_server_asks_what_it_is_for(
    house: House, tobi: Person, where: dict[str, str]
) -> None:
    opened = await tobi.slash("selfcheck draft", {}, **where)
    sent = await tobi.submit(opened, ASK)
    card = await sent.finished()
    assert "S-1" in card.text
    assert "Only you can see this" in card.text
    assert await sent.ephemeral()
    await house.restart_bot()
    evidence = await tobi.click(card, "Evidence")
    assert "Evidence for S-1" in (await evidence.finished()).text
    assert await house.seen("lena") == []


async def test_country_and_platform_are_understood_as_typed_or_refused(house: House, tobi: Person) -> None:
    opened = await tobi.slash("selfcheck draft", {}, channel="dm")
    refused = await tobi.submit(opened, ASK | {"where": "Narnia, insta"})
    assert "'Narnia' is no country and no platform" in (await refused.finished()).text
    assert await refused.ephemeral()
    opened = await tobi.slash("selfcheck draft", {}, channel="dm")
    await (await tobi.submit(opened, ASK | {"where": "日本、インスタ"})).finished()
    async with house.store.read() as conn:
        [campaign] = await library.campaigns(conn, workspace_of(await id_of(house, "tobi")))
    assert (campaign.countries, campaign.platform) == (("JP",), "instagram")


async def test_one_s_own_history_holds_the_checks_of_all_places(house: House, tobi: Person, mira: Person) -> None:
    await (await house.review(tobi, command="selfcheck draft")).finished()
    for number in range(6):
        opened = await tobi.slash("selfcheck draft", {}, channel="dm")
        await (await tobi.submit(opened, ASK | {"text": f"{DRAFT} {number}"})).finished()
    listed = await (await tobi.slash("selfcheck history", channel="dm")).finished()
    assert "7 in all, page 1 of 2" in listed.text
    await house.restart_bot()
    turned = await tobi.click(listed, "Next")
    assert "S-1" in (await turned.finished()).text
    other = await (await mira.slash("selfcheck history")).finished()
    assert "S-" not in other.text


async def test_what_is_handed_in_is_a_new_draft_of_the_team(house: House, tobi: Person) -> None:
    checked = await (await house.review(tobi, command="selfcheck draft")).finished()
    await house.restart_bot()
    card = await (await tobi.click(checked, "Submit to the team: #drafts")).finished()
    assert "V-1" in card.text
    assert not card.ephemeral
    assert "S-1" not in card.text
    [seen] = await house.seen("lena")
    assert seen.id == card.id
    again = await tobi.click(checked, "Submit to the team: #drafts")
    assert "handed in already" in (await again.finished()).text


async def test_a_check_speaks_of_your_posts_to_the_linked_influencer_alone(
    house: House, mira: Person, tobi: Person
) -> None:
    await link(house, await id_of(house, "tobi"))
    fits = Message("because.fits")
    house.verdict = replace(house.verdict, because=fits, next_step=Message("next.fits"))
    own = await (await house.review(tobi, command="selfcheck draft")).finished()
    assert "Your own past posts support it." in own.text
    of_somebody_else = await (await house.review(mira, command="selfcheck draft")).finished()
    assert f"@{HANDLE}" in of_somebody_else.text.replace("\\", "")
    assert "Their own past posts support it." in of_somebody_else.text
    assert "our own past posts" not in of_somebody_else.text
    for card in (own, of_somebody_else):
        assert "Submit it to the team." in card.text
        assert "Approve it" not in card.text


async def test_who_is_not_known_here_is_asked_whose_draft_it_is(house: House, tobi: Person) -> None:
    told = await (await tobi.slash("selfcheck draft")).finished()
    assert "Whose draft is it?" in told.text
    assert "tobi" not in told.text
    named = await (await tobi.slash("selfcheck draft", {"influencer": "tobi"})).finished()
    assert "No influencer @tobi is stored here" in named.text
    assert await house.seen("lena") == []


async def post_drafts_in(house: House, name: str) -> None:
    """As /setup sets it."""
    assert house.bot is not None
    [channel] = [one.id for one in house.bot.get_all_channels() if one.name == name]
    await change_settings(house.store, house.guild_id, drafts_channel_id=channel)


async def test_it_goes_to_the_channel_set_for_drafts_and_says_so_before(house: House, tobi: Person) -> None:
    await post_drafts_in(house, "team")  # which tobi cannot see
    checked = await (await house.review(tobi, command="selfcheck draft")).finished()
    await house.restart_bot()
    told = await (await tobi.click(checked, "Submit to the team: #team")).finished()
    assert told.ephemeral
    assert "Handed in to #team" in told.text
    await house.sandbox.until(lambda: house.seen("lena", "team"))
    [card] = await house.seen("lena", "team")
    assert "V-1" in card.text
    assert "S-1" not in card.text
    assert await house.seen("lena", "drafts") == []
    again = await tobi.click(checked, "Submit to the team: #team")
    assert "handed in already" in (await again.finished()).text


async def test_where_the_channel_was_changed_since_the_new_one_is_said_first(house: House, tobi: Person) -> None:
    checked = await (await house.review(tobi, command="selfcheck draft")).finished()
    await post_drafts_in(house, "team")
    asked = await (await tobi.click(checked, "Submit to the team: #drafts")).finished()
    assert asked.ephemeral
    assert "will be posted in #team, under your name" in asked.text.replace("*", "")
    assert await house.seen("lena", "team") == await house.seen("lena", "drafts") == []
    shown = await (await tobi.slash("selfcheck show", {"number": "S-1"})).finished()
    assert "Submit to the team: #team" in json.dumps(shown.data)
    await (await tobi.click(asked, "Submit to the team: #team")).finished()
    await house.sandbox.until(lambda: house.seen("lena", "team"))
    assert await house.seen("lena", "drafts") == []


async def test_a_channel_that_was_deleted_is_no_reason_to_post_elsewhere(house: House, tobi: Person) -> None:
    await change_settings(house.store, house.guild_id, drafts_channel_id=4)  # there is no such channel any more
    checked = await (await house.review(tobi, command="selfcheck draft")).finished()
    told = await (await tobi.click(checked, "Submit to the team")).finished()
    assert "has not said where drafts are posted" in told.text
    assert await house.seen("lena") == []


async def test_from_a_direct_message_it_goes_where_the_server_posts_drafts(house: House, tobi: Person) -> None:
    opened = await tobi.slash("selfcheck draft", {}, channel="dm")
    card = await (await tobi.submit(opened, ASK)).finished()
    told = await (await tobi.click(card, "Submit to the team")).finished()
    assert "There is no team to hand it to" in told.text
    await link(house, await id_of(house, "tobi"))
    before = await (await tobi.click(card, "Submit to the team")).finished()
    unset = await tobi.select(before, "Choose a campaign", [CAMPAIGN])
    assert "has not said where drafts are posted" in (await unset.finished()).text
    await post_drafts_in(house, "drafts")
    unsaid = await tobi.select(before, "Choose a campaign", [CAMPAIGN])
    assert "Drafts are posted in #drafts now." in (await unsaid.finished()).text.replace("\\", "")
    asked, second = [await (await tobi.click(card, "Submit to the team")).finished() for _ in range(2)]
    assert "#drafts · @mossy_miles" in json.dumps(asked.data, ensure_ascii=False)
    done = await tobi.select(asked, "Choose a campaign", [CAMPAIGN])
    assert "Handed in to #drafts" in (await done.finished()).text
    await house.sandbox.until(lambda: house.seen("lena"))
    [seen] = await house.seen("lena")
    assert "V-1" in seen.text
    assert "Sent in by Tobi" in seen.text.replace("*", "")
    assert "message_reference" not in seen.data
    twice = await tobi.select(second, "Choose a campaign", [CAMPAIGN])
    assert "handed in already" in (await twice.finished()).text


@pytest.mark.usefixtures("house")
async def test_own_posts_are_counted_for_their_owner_alone(tobi: Person, lena: Person) -> None:
    file = File("posts.jsonl", POSTS.encode())
    told = await (await tobi.slash("me import", {"file": file, "handle": HANDLE})).finished()
    assert ": 12 new" in told.text
    assert "Only your own checks" in told.text
    assert "own posts of @mossy\\_miles: 12" in (await (await tobi.slash("me posts")).finished()).text
    shown = await (await lena.slash("influencer show", {"handle": HANDLE})).finished()
    assert "12 past posts" in shown.text  # those of the house


async def test_without_a_check_the_list_says_how_to_start_one(house: House, tobi: Person) -> None:
    listed = (await (await tobi.slash("selfcheck history", channel="dm")).finished()).text
    assert "Your private checks" in listed
    assert "Start one with /selfcheck draft." in listed
    opened = await tobi.slash("selfcheck draft", {}, channel="dm")
    await (await tobi.submit(opened, ASK)).finished()
    assert "/selfcheck show NUMBER" in (await (await tobi.slash("selfcheck history", channel="dm")).finished()).text
    shown = await tobi.slash("selfcheck show", {"number": "1"})
    assert "S-1" in (await shown.finished()).text
    assert await shown.ephemeral()
    for typed, told in (
        ("V-1", "V-1 is a verdict of the team"),
        ("Ｓ－９", "You have no check S-9. /selfcheck history"),
    ):
        assert told in (await (await tobi.slash("selfcheck show", {"number": typed})).finished()).text
    assert await house.seen("lena") == []


@pytest.mark.usefixtures("house")
async def test_posts_without_a_handle_are_not_taken_under_an_invented_one(tobi: Person) -> None:
    file = File("posts.jsonl", POSTS.encode())
    told = await (await tobi.slash("me import", {"file": file})).finished()
    assert "Link your handle first" in told.text
    await (await tobi.slash("me link", {"handle": HANDLE})).answer()
    told = await (await tobi.slash("me import", {"file": file})).finished()
    assert "12 new" in told.text
    assert "own posts of @mossy\\_miles: 12" in (await (await tobi.slash("me posts")).finished()).text


async def test_the_request_stands_where_drafts_are_posted(house: House, tobi: Person, lena: Person) -> None:
    assert house.bot is not None
    place = await house.sandbox.ask("add_channel", name="requests")
    await change_settings(house.store, house.guild_id, drafts_channel_id=int(place["id"]))
    told = await tobi.slash("me link", {"handle": HANDLE})
    assert f"stands in <#{place['id']}>" in (await told.finished()).text
    assert await told.ephemeral()
    assert await house.seen("lena") == []
    [card] = await house.seen("lena", "requests")
    await (await lena.click(card, "Yes, confirm")).answer()
    assert "You are @mossy" in (await (await tobi.slash("me show")).finished()).text


async def test_a_second_person_is_confirmed_only_knowingly(
    house: House, tobi: Person, mira: Person, lena: Person
) -> None:
    asked = [await (await person.slash("me link", {"handle": HANDLE})).finished() for person in (tobi, mira)]
    await (await lena.click(asked[0], "Yes, confirm")).answer()
    await (await lena.click(asked[1], "Yes, confirm")).answer()
    [card] = [one for one in await house.seen("otto") if one.id == asked[1].id]
    assert "is already **Tobi**. Confirm a second person?" in card.text
    shown = await (await lena.slash("influencer show", {"handle": HANDLE})).finished()
    assert "**Linked people:** Tobi" in shown.text
    assert "Mira" not in shown.text
    await house.restart_bot()
    await (await lena.click(card, "Yes, confirm")).answer()
    shown = await (await lena.slash("influencer show", {"handle": HANDLE})).finished()
    assert "**Linked people:** Tobi, Mira" in shown.text


async def test_the_team_confirms_who_somebody_is(house: House, tobi: Person, mira: Person, lena: Person) -> None:
    card = await (await tobi.slash("me link", {"handle": HANDLE})).finished()
    assert not card.ephemeral
    refused = await mira.click(card, "Yes, confirm")
    assert "Only the people chosen for it" in (await refused.finished()).text
    refused = await tobi.click(card, "Yes, confirm")
    assert "Only the people chosen for it" in (await refused.finished()).text
    assert "has to confirm" in (await (await tobi.slash("me show")).finished()).text
    await house.restart_bot()
    await (await lena.click(card, "Yes, confirm")).answer()
    [shown] = await house.seen("otto")
    assert "Confirmed by Lena" in shown.text
    assert "You are @mossy" in (await (await tobi.slash("me show")).finished()).text


async def test_nobody_confirms_themselves(house: House, lena: Person) -> None:
    card = await (await lena.slash("me link", {"handle": HANDLE})).finished()
    refused = await lena.click(card, "Yes, confirm")
    assert "Nobody confirms their own handle" in (await refused.finished()).text
    assert "has to confirm" in (await (await lena.slash("me show")).finished()).text
    await (await lena.click(card, "No")).answer()
    [shown] = await house.seen("otto")
    assert "is not linked" in shown.text


async def test_the_team_reads_how_many_posts_she_gave_it(waiting_house: House, tobi: Person, mira: Person) -> None:
    house = waiting_house
    house.start_judging(house.review_offline)
    file = File("posts.jsonl", POSTS.encode())
    before = await house.card(mira)
    assert "given to the team" not in before.text
    await link(house, await id_of(house, "tobi"))
    await (await tobi.slash("me import", {"file": file, "use": "team", "handle": HANDLE})).finished()
    told = "12 of 24 stored posts were given to the team by @mossy_miles."
    assert told in (await house.card(mira)).text.replace("\\", "")
    checked = await (await house.review(tobi, command="selfcheck draft")).finished()
    assert "given to the team" not in checked.text
    await (await tobi.slash("me sharing", {"use": "own"})).finished()
    shown = await (await mira.slash("history show", {"number": "V-2"})).finished()
    assert told in shown.text.replace("\\", "")  # what it was judged on stays said


async def test_what_was_given_to_the_team_can_be_taken_back(house: House, tobi: Person, lena: Person) -> None:
    file = File("posts.jsonl", POSTS.encode())
    refused = await (await tobi.slash("me import", {"file": file, "use": "team", "handle": HANDLE})).finished()
    assert "linked to no handle" in refused.text
    await link(house, await id_of(house, "tobi"))
    told = await (await tobi.slash("me import", {"file": file, "use": "team", "handle": HANDLE})).finished()
    assert "got 12 of them" in told.text
    shown = await (await lena.slash("influencer show", {"handle": HANDLE})).finished()
    assert "24 past posts" in shown.text
    await (await tobi.slash("me sharing", {"use": "own"})).finished()
    shown = await (await lena.slash("influencer show", {"handle": HANDLE})).finished()
    assert "12 past posts" in shown.text


@pytest.mark.usefixtures("house")
async def test_where_a_server_is_needed_only_those_commands_are_named_that_need_none(tobi: Person) -> None:
    told = (await (await tobi.slash("me link", {"handle": HANDLE}, channel="dm")).finished()).text
    assert "works only in a server that has this bot" in told
    named = re.findall(r"/([a-z]+(?: [a-z]+)?)(?=,| and|\.)", told)
    file = File("posts.jsonl", POSTS.encode())
    options: dict[str, dict[str, Any]] = {"me import": {"file": file, "handle": HANDLE}, "me sharing": {"use": "own"}}
    assert {*options, "me show", "me posts"} < set(named)
    for name in set(named) - {"selfcheck", "disclosure check"}:  # a group, and one that opens a form
        answer = await (await tobi.slash(name, options.get(name, {}), channel="dm")).finished()
        assert "works only in a server that has this bot" not in answer.text
