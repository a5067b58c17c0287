"""`/disclosure`: the check in a server and in direct messages, and a server's own rules, over sockets."""

from __future__ import annotations

import pytest
from discord import ui

from bot.chat.disclosure_cards import check_answer
from bot.judging.disclosure.check import check
from bot.judging.disclosure.ready import with_ready_line
from bot.sandbox.people import Interaction, Person
from bot.store.guild_rules import guild_rules
from tests.chat.house import House

LABEL = "acmecrew"
RULE = {
    "rule_label": f"#{LABEL}",
    "rule_status": "accepted",
    "rule_country": "de",
    "rule_language": "de",
    "rule_source": "Agreed with the client on 3 November",
}


async def checked(person: Person, values: dict[str, str], channel: str = "drafts", **options: object) -> Interaction:
    opened = await person.slash("disclosure check", options, channel=channel)
    return await person.submit(opened, values)


async def with_rule(person: Person, **changes: str) -> Interaction:
    return await person.submit(await person.slash("disclosure rules add"), RULE | changes)


async def test_a_check_answers_each_country_to_the_one_who_asked(house: House, mira: Person) -> None:
    sent = await checked(mira, {"caption": "#ad my favourite wine"}, country="US,de")
    answer = await sent.finished()
    assert answer.ephemeral
    for piece in (
        "Label check: 1 of 2 countries pass",
        "⚠️ Germany: label not clear enough",
        "'#ad' does not count as a label here.",
        "Werbung |",
        "✅ United States: labelled",
        "rule us-ad · characters 1–3",
        "as of 2026-11-22 · confidence medium",
        "paid partnership label",
        "Dated secondary knowledge",
        "not legal advice",
    ):
        assert piece in answer.text, piece
    assert answer.text.index("Germany") < answer.text.index("United States")  # the worst first
    assert await house.seen("lena") == []


@pytest.mark.parametrize(("brand", "said"), [("", "Not ready yet"), ("Acme", "Ready to paste in front")])
def test_a_line_that_lacks_the_brand_is_not_called_ready(brand: str, said: str) -> None:
    found = with_ready_line("loving it", lambda text: check(text, countries=["AU"], brand=brand))
    [box] = check_answer(found, "en", "caption")
    shown = "\n".join(item.content for item in box.walk_children() if isinstance(item, ui.TextDisplay))
    assert f"Paid partnership with {brand or '[brand]'} |" in shown
    assert said in shown
    assert ("Ready" in shown) is bool(brand)


async def test_nothing_of_a_check_is_stored(house: House, mira: Person) -> None:
    await (await checked(mira, {"caption": "#ad zebra crossing"}, country="US")).finished()
    assert b"zebra crossing" not in b"".join(
        path.read_bytes() for path in house.store.path.parent.iterdir() if path.is_file()
    )


@pytest.mark.usefixtures("house")
async def test_it_works_in_direct_messages(mira: Person) -> None:
    answer = await (await checked(mira, {"caption": "loving it"}, channel="dm", country="UK")).finished()
    assert "⛔ United Kingdom: no label" in answer.text


async def test_it_is_offered_to_people_who_installed_the_app_for_themselves(house: House, mira: Person) -> None:
    await (await mira.slash("help")).finished()  # the commands are there
    [call] = [call for call in await house.sandbox.record(method="PUT") if call["path"].endswith("/commands")]
    [command] = [one for one in call["body"] if one["name"] == "disclosure"]
    assert command["integration_types"] == [0, 1]
    assert command["contexts"] == [0, 1, 2]


async def test_it_speaks_the_language_of_the_one_who_asks(house: House, mira: Person) -> None:
    await house.sandbox.ask("set_person", person="mira", locale="ja")
    answer = await (await checked(mira, {"caption": "新しい美容液"}, country="JP")).finished()
    assert "日本：広告表示がありません" in answer.text
    assert "【PR】" in answer.text


@pytest.mark.usefixtures("house")
async def test_the_platform_s_setting_and_the_audience_s_language_are_taken_into_account(mira: Person) -> None:
    for audience, said in ((None, "✅ Germany: labelled"), ("fr, pt-BR", "⚠️ Germany")):
        more = {"audience": audience} if audience else {}
        sent = await checked(mira, {"caption": "Werbung | mein Serum"}, country="DE", **more)
        assert said in (await sent.finished()).text, audience
    silent = {"caption": "loving it"}
    off = (await (await checked(mira, silent, country="UK")).finished()).text
    on = (await (await checked(mira, silent, country="UK", tool=True)).finished()).text
    assert "Also switch on" in off
    assert "Also switch on" not in on
    assert "United Kingdom: no label" in off
    assert "United Kingdom: no label" not in on


@pytest.mark.usefixtures("house")
async def test_languages_are_completed_one_after_another_and_checked(mira: Person) -> None:
    offered = await mira.autocomplete("disclosure check", "audience", "en, f")
    assert [one["value"] for one in offered] == ["en,fi", "en,fr"]
    for typed, said in (("english", "'english' is no language code"), ("de,en,fr,it", "3 languages")):
        told = await mira.slash("disclosure check", {"country": "US", "audience": typed})
        assert said in (await told.finished()).text


@pytest.mark.usefixtures("house")
async def test_the_form_has_room_for_as_much_as_can_be_asked(mira: Person) -> None:
    countries = ["AT", "AU", "BE", "BG", "CA", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR"]
    options = {"platform": "instagram", "format": "carousel", "relation": "own_brand", "tool": True}
    opened = await mira.slash("disclosure check", {"country": ",".join(countries), "audience": "de,en,fr", **options})
    assert len((await opened.modal())["custom_id"]) <= 100
    assert "Austria" in (await (await mira.submit(opened, {"caption": "Anzeige | Serum"})).finished()).text


@pytest.mark.usefixtures("house")
async def test_a_video_is_asked_about_and_then_judged(mira: Person) -> None:
    options = {"country": "UK", "format": "video", "platform": "youtube"}
    asked = await (await checked(mira, {"caption": "#ad my serum"}, **options)).finished()
    assert "❔ United Kingdom: cannot be judged yet" in asked.text
    assert "What text stands on the picture, or what is said?" in asked.text
    told = await (await checked(mira, {"spoken": "This video is an ad. I love it."}, **options)).finished()
    assert "✅ United Kingdom: labelled" in told.text
    late = await (await checked(mira, {"overlay": "serum\n\nad"}, country="US", format="story")).finished()
    assert "The label first comes on frame 2." in late.text


@pytest.mark.usefixtures("house")
async def test_all_countries_at_once_fit_into_messages(mira: Person) -> None:
    everywhere = "US,UK,IE,EU,DE,FR,IT,ES,JP,CA,AU,IN"
    words = "#ad wine, vitamins, bitcoin, casino, weight loss, botox, vape, for kids " + "x" * 3900
    sent = await checked(mira, {"caption": words[:4000]}, country=everywhere, platform="x")
    answer = await sent.finished()

    async def all_there() -> bool:
        return len(await sent.followups()) >= 1 and "legal advice" in (await sent.followups())[-1].text

    await mira.sandbox.until(all_there)
    whole = "\n".join([answer.text, *(message.text for message in await sent.followups())])
    for piece in ("Germany", "India", "European Union", "Spain", "Sensitive: gambling", "more notes"):
        assert piece in whole, piece


@pytest.mark.usefixtures("house")
async def test_countries_are_completed_one_after_another(mira: Person) -> None:
    offered = await mira.autocomplete("disclosure check", "country", "germ")
    assert offered == [{"name": "Germany", "value": "DE"}]
    offered = await mira.autocomplete("disclosure check", "country", "de, jap")
    assert offered == [{"name": "Germany, Japan", "value": "DE,JP"}]
    assert (await mira.autocomplete("disclosure check", "country", "at"))[0] == {"name": "Austria", "value": "AT"}


@pytest.mark.usefixtures("house")
async def test_what_cannot_be_checked_is_told_in_one_sentence(mira: Person) -> None:
    told = await mira.slash("disclosure check", {"country": "Narnia"})
    assert "There are no disclosure rules for 'Narnia'" in (await told.finished()).text
    told = await checked(mira, {"caption": " \n", "brand": "Acme"}, country="US")
    assert "There is nothing to check" in (await told.finished()).text


@pytest.mark.usefixtures("house")
async def test_a_rule_of_the_server_counts_from_now_on_and_is_named(lena: Person, mira: Person) -> None:
    added = await (await with_rule(lena)).finished()
    assert added.ephemeral
    assert f"`own-1` · Germany · “{LABEL}” (de): accepted" in added.text
    answer = await (await checked(mira, {"caption": f"#{LABEL} mein Serum"}, country="DE,US")).finished()
    assert "✅ Germany: labelled" in answer.text
    assert "This server's own rule own-1" in answer.text
    assert "Agreed with the client" in answer.text
    assert "⛔ United States" in answer.text or "⚠️ United States" in answer.text
    alone = await (await checked(mira, {"caption": f"#{LABEL} mein Serum"}, channel="dm", country="DE")).finished()
    assert "⛔ Germany: no label" in alone.text
    listed = await (await lena.slash("disclosure rules list")).finished()
    assert LABEL in listed.text
    offered = await lena.autocomplete("disclosure rules remove", "rule", "crew")
    assert offered == [{"name": f"own-1: {LABEL} (DE)", "value": "own-1"}]
    assert "Removed" in (await (await lena.slash("disclosure rules remove", {"rule": "own-1"})).finished()).text
    assert "no rules of its own" in (await (await lena.slash("disclosure rules list")).finished()).text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rule_country": "XX"}, "There are no disclosure rules for 'XX'"),
        ({"rule_language": "d1"}, "'d1' is no language code"),
        ({"rule_label": "#!?"}, "A label needs letters"),
        ({"rule_source": "   "}, "A rule needs its source"),
    ],
)
async def test_a_malformed_rule_is_refused_in_one_sentence(
    house: House, lena: Person, changes: dict[str, str], sentence: str
) -> None:
    assert sentence in (await (await with_rule(lena, **changes)).finished()).text
    async with house.store.read() as conn:
        assert await guild_rules(conn, house.guild_id) == ()


@pytest.mark.usefixtures("house")
async def test_rules_are_for_those_who_manage_the_server(mira: Person) -> None:
    for command, options in (("add", {}), ("list", {}), ("remove", {"rule": "own-1"})):
        told = await mira.slash(f"disclosure rules {command}", options)
        assert "Only people who manage this server" in (await told.finished()).text
    told = await mira.slash("disclosure rules list", channel="dm")
    assert "works only in a server that has this bot" in (await told.finished()).text
