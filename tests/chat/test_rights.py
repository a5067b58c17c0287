"""Who may use what: every command, button, list and form, tried by everybody who might.

Made a command? Add a row to COMMANDS: its name as typed after the slash (a menu entry: its name), who may use it, and
options that work in the house. A button or list (BUTTONS in bot/chat/routes.py)? A row in COMPONENTS: class name (and
what it does, where that is one of several), who may, and an id of the kind it has on a card (what stands in braces is
filled in from `Scene.ids`); for a list also what to choose. A form (ROUTES there)? A row in FORMS, by its handler: who
may, the beginning of its id, the command that opens it, and what to type. The last tests fail while a row is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import discord
import pytest
from discord import AppCommandType, app_commands, ui

from bot.chat.history.history_query import Search
from bot.chat.routes import BUTTONS, ROUTES
from bot.model.verdicts import Outcome
from bot.sandbox.errors import RefusedError
from bot.sandbox.people import File, Interaction, Message, Person, Sandbox
from bot.services import lookup
from bot.services.setup import change_settings
from bot.store import guilds, library
from bot.texts import text
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House
from tests.chat.personal.test_selfcheck import id_of, link

MODAL = 9  # the type of an answer
ELSEWHERE = "Elsewhere"
SECRETS = ("Stridewell", "Mo Field", "600 miles", "fall apart")  # of the house, and typed by nobody below


class May(StrEnum):
    """The least that somebody must be."""

    EVERYONE = "everyone"
    REQUESTER = "requester"  # whose answer it sits on: mira
    SENDER = "sender"  # of the draft: mira
    SENDER_OR_ABOUT = "sender, or the influencer it is about"
    SENDER_OR_DECIDER = "sender or decider"
    TAKES_PART = "sender, the influencer, or decider"
    KEEPER = "decider, for what is stored"
    DECIDER = "decider"
    MANAGER = "manager"


@dataclass(frozen=True)
class Row:
    may: May
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    may: May
    custom_id: str
    choose: tuple[str, ...] | None = None  # of a list; None: a button


@dataclass(frozen=True)
class Form:
    may: May
    begins: str
    command: str
    options: Mapping[str, Any]
    values: Mapping[str, Any]
    channel: str = "drafts"


POSTS = File("posts.csv", b"text\nA long day on the trail.\n")
ROSTER = File("people.csv", b"handle,language\nsomebody_else,en\n")
BOTH = {"influencer": HANDLE, "campaign": CAMPAIGN}
COMMANDS: Mapping[str, Row] = {
    "review": Row(May.EVERYONE, BOTH),
    "selfcheck draft": Row(May.EVERYONE, BOTH),
    "selfcheck history": Row(May.EVERYONE),
    "selfcheck show": Row(May.EVERYONE, {"number": "S-1"}),  # found by its owner alone
    "me show": Row(May.EVERYONE),
    "me posts": Row(May.EVERYONE),
    "me link": Row(May.EVERYONE, {"handle": HANDLE}),
    "me unlink": Row(May.EVERYONE, {"handle": HANDLE}),
    "me import": Row(May.EVERYONE, {"file": POSTS, "handle": HANDLE}),
    "me sharing": Row(May.EVERYONE, {"use": "own"}),
    "privacy export": Row(May.EVERYONE),
    "privacy delete": Row(May.EVERYONE),
    "privacy retention": Row(May.MANAGER, {"days": 0}),
    "Review draft": Row(May.EVERYONE),
    "history search": Row(May.EVERYONE),
    "history waiting": Row(May.EVERYONE),
    "influencer trend": Row(May.EVERYONE, {"handle": HANDLE}),
    "campaign overview": Row(May.EVERYONE, {"name": CAMPAIGN}),
    "history decisions": Row(May.EVERYONE, {"number": "V-1"}),
    "history show": Row(May.EVERYONE, {"number": "V-1"}),
    "history export": Row(May.KEEPER),
    "published": Row(May.TAKES_PART, {"number": "V-1"}),
    "help": Row(May.EVERYONE),
    "about": Row(May.EVERYONE),
    "disclosure check": Row(May.EVERYONE, {"country": "US"}),
    "disclosure rules add": Row(May.MANAGER),
    "disclosure rules list": Row(May.MANAGER),
    "disclosure rules remove": Row(May.MANAGER, {"rule": "own-1"}),
    "batch": Row(May.EVERYONE),
    "watch on": Row(May.MANAGER),
    "watch off": Row(May.MANAGER),
    "watch list": Row(May.MANAGER),
    "status": Row(May.MANAGER),
    "setup": Row(May.MANAGER),
    "brand add": Row(May.KEEPER),
    "brand show": Row(May.EVERYONE, {"name": "Pebbleway"}),
    "brand edit": Row(May.KEEPER, {"name": "Pebbleway"}),
    "brand list": Row(May.EVERYONE),
    "brand remove": Row(May.MANAGER, {"name": "Pebbleway"}),
    "campaign add": Row(May.KEEPER, {"brand": "Pebbleway"}),
    "campaign show": Row(May.EVERYONE, {"name": CAMPAIGN}),
    "campaign edit": Row(May.KEEPER, {"name": CAMPAIGN}),
    "campaign list": Row(May.EVERYONE),
    "campaign remove": Row(May.MANAGER, {"name": CAMPAIGN}),
    "influencer add": Row(May.KEEPER, {"handle": "somebody_new"}),
    "influencer show": Row(May.EVERYONE, {"handle": HANDLE}),
    "influencer edit": Row(May.KEEPER, {"handle": HANDLE}),
    "influencer list": Row(May.EVERYONE),
    "influencer import": Row(May.KEEPER, {"handle": HANDLE, "file": POSTS}),
    "influencer roster": Row(May.KEEPER, {"file": ROSTER}),
    "influencer forget": Row(May.MANAGER, {"handle": HANDLE}),
    "influencer remove": Row(May.MANAGER, {"handle": HANDLE}),
}
COMPONENTS: Mapping[str, Part] = {
    "EvidenceButton": Part(May.EVERYONE, "v1:evidence:{number}:0:open"),
    "DecideButton approve": Part(May.DECIDER, "v1:approve:{number}:{sha}"),
    "DecideButton changes": Part(May.DECIDER, "v1:changes:{number}:{sha}:0"),
    "DecideButton overrule": Part(May.DECIDER, "v1:overrule:{number}:{sha}:0"),
    "DecideButton withdraw": Part(May.DECIDER, "v1:withdraw:{number}:{sha}:0"),
    "NewVersionButton": Part(May.SENDER_OR_DECIDER, "v1:version:{number}"),
    "VersionsButton": Part(May.EVERYONE, "v1:versions:{number}:0:open"),
    "TakeButton": Part(May.SENDER, "v1:take:{draft}:{draft}"),
    "AnswerButton": Part(May.SENDER_OR_ABOUT, "v1:answer:{number}"),
    "HistoryButton": Part(May.REQUESTER, "{history}"),
    "WaitingButton": Part(May.REQUESTER, "v1:waiting:{mira}:0"),
    "BatchSelect": Part(May.EVERYONE, "v1:batchpick:{batch}:0", ("V-1",)),
    "BatchListButton": Part(May.EVERYONE, "v1:batchlist:{batch}:0:open"),
    "BatchFileButton": Part(May.EVERYONE, "v1:batchfile:{batch}"),
    "BatchApproveButton": Part(May.DECIDER, "v1:batchapprove:{batch}:ask"),
    "SetupSelect": Part(May.MANAGER, "v1:setup:language", ("en",)),
    "CheckButton": Part(May.MANAGER, "v1:setup:check"),
    "HelpSelect": Part(May.EVERYONE, "v1:help", ("review",)),
    "EditButton": Part(May.KEEPER, "v1:edit:brand:{brand}:main"),
    "ListButton": Part(May.EVERYONE, "v1:list:campaign:0"),
    "CheckSelect": Part(May.EVERYONE, "v1:checkfor", ("1:1:1",)),  # of the own campaigns; this is nobody's
    "OwnHistoryButton": Part(May.REQUESTER, "v1:own:{mira}:0"),
    "SubmitButton": Part(May.EVERYONE, "v1:submit:S-1"),  # S-1 is found by its owner alone
    "SubmitSelect": Part(May.EVERYONE, "v1:submitto:S-1", ("1:1",)),
    "LinkButton": Part(May.DECIDER, "v1:link:no:{influencer}:{mira}"),
    "RetentionButton": Part(May.MANAGER, "v1:retention:3650"),
    # The last ones: little works after them.
    "DeleteButton": Part(May.REQUESTER, "v1:deleteme:here:{mira}"),
    "ForgetButton": Part(May.MANAGER, "v1:forget:{influencer}"),
    "RemoveButton": Part(May.MANAGER, "v1:remove:influencer:{influencer}"),
}
FORMS: Mapping[str, Form] = {
    "on_review_form": Form(May.EVERYONE, "form:v1:review:", "review", BOTH, {"text": DRAFT}),
    "on_own_form": Form(
        May.EVERYONE,
        "form:v1:own:",
        "selfcheck draft",
        {"influencer": "tobi_runs"},
        {"brand": "Tarn", "text": DRAFT},
        "dm",
    ),
    "on_place_form": Form(May.EVERYONE, "form:v1:checkfor:", "selfcheck draft", {}, {"text": DRAFT}, "dm"),
    "on_menu_form": Form(May.EVERYONE, "form:v1:menu:", "Review draft", {}, {"campaign": CAMPAIGN, "text": DRAFT}),
    **{
        f"on_reason_form {what}": Form(
            May.DECIDER, f"form:v1:{what}:", f"DecideButton {what}", {}, {"reason": "She asked for it."}
        )
        for what in ("approve", "changes", "overrule", "withdraw")
    },
    "on_version_form": Form(
        May.SENDER_OR_DECIDER, "form:v1:version:", "NewVersionButton", {}, {"text": f"{DRAFT} Mended."}
    ),
    "on_answer_form": Form(May.SENDER_OR_ABOUT, "form:v1:answer:", "AnswerButton", {}, {"answer": "I did say so."}),
    "on_published_form": Form(May.TAKES_PART, "form:v1:published:", "published", {"number": "V-1"}, {"text": DRAFT}),
    "on_batch_form": Form(
        May.EVERYONE, "form:v1:batch:", "batch", {}, {"text": f"@{HANDLE} {CAMPAIGN}: {DRAFT} Again."}
    ),
    "on_check_form": Form(
        May.EVERYONE, "form:v1:disclosure:", "disclosure check", {"country": "US"}, {"caption": "#ad shoes"}
    ),
    "on_rule_form": Form(
        May.MANAGER,
        "form:v1:disclosure-rule",
        "disclosure rules add",
        {},
        {"rule_label": "crew", "rule_status": "accepted", "rule_country": "de", "rule_language": "de"}
        | {"rule_source": "Agreed on Monday"},
    ),
    "on_edit_form": Form(May.KEEPER, "form:v1:edit:", "brand edit", {"name": "Pebbleway"}, {"about": "changed"}),
}


@pytest.fixture
def tobi(sandbox: Sandbox) -> Person:
    return sandbox.person("tobi")


class Scene:
    """The house with one verdict, a chosen role for deciding (mira has it), and a second server with a boss."""

    def __init__(self, house: House, elsewhere: int, ids: Mapping[str, str]) -> None:
        self.house, self.elsewhere, self.ids = house, elsewhere, ids

    @classmethod
    async def set(cls, house: House, channel: str = "drafts") -> Scene:
        await house.sandbox.configure(commands_opened=True)  # then nothing but our own checks stands
        there = await house.sandbox.ask("add_guild", name=ELSEWHERE)
        await house.sandbox.ask("add_channel", name="drafts", guild=ELSEWHERE)
        await house.sandbox.ask("add_role", name="boss", guild=ELSEWHERE, permissions=["all"])
        await house.sandbox.ask("add_person", name="bea", guild=ELSEWHERE, roles=["boss"])
        await house.sandbox.ask("add_person", name="olaf", guild=ELSEWHERE)
        places = await house.sandbox.ask("places_and_people")
        [role] = [int(one["id"]) for one in places["roles"] if one["name"] == "marketing"]
        [mira] = [one["id"] for one in places["people"] if one["username"] == "mira"]
        await change_settings(house.store, house.guild_id, decider_roles=(role,))
        house.verdict = replace(house.verdict, outcome=Outcome.DOES_NOT_FIT)  # then an approval asks why
        await house.card(house.sandbox.person("mira"), channel=channel)
        stored = await lookup.show(house.store, house.guild_id, "V-1", viewer_id=None)
        ids = {"number": "V-1", "sha": stored.revision.sha256[:12], "mira": mira}
        await cls._send_batch(house, channel)
        ids |= {"history": Search(int(mira)).custom_id, "draft": str(stored.draft.id), "batch": "1"}
        ids |= {"brand": str(stored.campaign.brand.id), "campaign": str(stored.campaign.id)}
        return cls(house, int(there["id"]), ids | {"influencer": str(stored.influencer.id)})

    @staticmethod
    async def _send_batch(house: House, channel: str) -> None:
        rows = f"handle,campaign,text\n{HANDLE},{CAMPAIGN},{DRAFT.replace(',', ' ')} Once more.\n"
        mira = house.sandbox.person("mira")
        await (await mira.slash("batch", {"file": File("drafts.csv", rows.encode())}, channel)).finished()

    async def use(
        self, person: Person, name: str, options: Mapping[str, Any], guild: str | None = None, channel: str = "drafts"
    ) -> Interaction:
        """Runs a command, a menu entry, or presses a component, by its name in the tables."""
        if name in COMPONENTS:
            return await self.press(person, COMPONENTS[name], guild)
        if name[0].isupper():
            return await person.menu(name, await person.say("drafts", "A draft.", guild=guild))
        return await person.slash(name, dict(options), channel, guild)

    async def press(self, person: Person, part: Part, guild: str | None = None) -> Interaction:
        """Puts the component into a message of the bot's and uses it."""
        custom_id = part.custom_id.format_map(self.ids)
        item: ui.Item[Any] = ui.Button(label="Press", custom_id=custom_id)
        if part.choose is not None:
            options = [discord.SelectOption(label=value, value=value) for value in part.choose]
            item = ui.Select(custom_id=custom_id, options=options)
        row: ui.ActionRow[Any] = ui.ActionRow(item)
        anchor = await person.say("drafts", "Here.", guild=guild)
        assert self.house.bot is not None
        channel = self.house.bot.get_partial_messageable(int(anchor.channel_id))
        sent = await channel.send(view=ui.LayoutView(timeout=None).add_item(row))
        [message] = [one for one in await person.sees("drafts", guild) if one.id == str(sent.id)]
        if part.choose is not None:
            return await person.select(message, custom_id, list(part.choose))
        return await person.click(message, custom_id)

    async def belongings(self) -> list[Any]:
        """What the first server has, to be the same afterwards."""
        guild_id = self.house.guild_id
        async with self.house.store.read() as conn:
            return [
                await library.brands(conn, guild_id),
                await library.campaigns(conn, guild_id),
                await library.influencers(conn, guild_id),
                await guilds.guild_settings(conn, guild_id),
                (await conn.exec_driver_sql("SELECT * FROM decision")).all(),
            ]


REFUSALS = {
    May.REQUESTER: "chat_problem.not_yours",
    May.SENDER: "version_problem.not_yours",
    May.SENDER_OR_ABOUT: "answer_problem.not_yours",
    May.SENDER_OR_DECIDER: "version_problem.not_yours",
    May.TAKES_PART: "live_problem.not_yours",
    May.DECIDER: "chat_problem.may_not_decide",
    May.KEEPER: "chat_problem.may_not_keep",
    May.MANAGER: "chat_problem.may_not_manage",
}
BROKEN = ("Something went wrong", text("en", "chat_problem.unknown_button"), text("en", "chat_problem.unknown_form"))
ALLOWED: Mapping[str, tuple[May, ...]] = {
    "tobi": (May.EVERYONE,),
    "mira": tuple(set(May) - {May.MANAGER}),
    "lena": (May.EVERYONE, May.SENDER_OR_DECIDER, May.TAKES_PART, May.DECIDER, May.KEEPER, May.MANAGER),
}


async def came_of(interaction: Interaction) -> str:
    """`ok` (an answer or a form), `broken`, or the key of the sentence that names the missing right."""
    answer = await interaction.answer()
    if answer["type"] == MODAL:
        return "ok"
    shown = (await interaction.finished()).text.replace("\\", "")
    if any(sentence in shown for sentence in BROKEN):
        return "broken"
    return next((key for key in REFUSALS.values() if text("en", key, handle=HANDLE, number="V-1") in shown), "ok")


@pytest.mark.parametrize("name", ["tobi", "mira", "lena"])
async def test_each_gets_what_they_may_and_is_told_where_they_may_not(house: House, name: str) -> None:
    scene, person = await Scene.set(house), house.sandbox.person(name)
    rows = {one: (row.may, row.options) for one, row in COMMANDS.items()}
    rows |= {one: (part.may, {}) for one, part in COMPONENTS.items()}
    found = {one: await came_of(await scene.use(person, one, options)) for one, (_, options) in rows.items()}
    assert found == {one: "ok" if may in ALLOWED[name] else REFUSALS[may] for one, (may, _) in rows.items()}


@pytest.mark.parametrize("name", ["olaf", "bea"])
async def test_nobody_elsewhere_reaches_anything_of_this_server(house: House, name: str) -> None:
    scene, person = await Scene.set(house), house.sandbox.person(name)
    before = await scene.belongings()
    for one in [*COMMANDS, *COMPONENTS]:
        options = COMMANDS[one].options if one in COMMANDS else {}
        used = await scene.use(person, one, options, ELSEWHERE)
        assert await came_of(used) != "broken", one
        shown = await seen_in(used)
        assert not [secret for secret in SECRETS if secret in shown], f"{one}: {shown}"
    assert await scene.belongings() == before


UNKNOWN = {"number": "V-99", "batch": "99"}


async def test_who_cannot_see_the_channel_gets_what_an_unknown_number_gets(house: House, tobi: Person) -> None:
    """Reviewed in #team, asked for in #drafts by somebody who cannot see #team."""
    scene = await Scene.set(house, "team")
    unknown = Scene(house, scene.elsewhere, {**scene.ids, **UNKNOWN})
    for one, row in COMMANDS.items():
        shown = await told_to(await scene.use(tobi, one, row.options))
        assert "600 miles" not in shown, one
        if row.options.get("number") == "V-1":
            options = {**row.options, "number": "V-99"}
            assert await told_to(await unknown.use(tobi, one, options)) == shown.replace("V-1", "V-99"), one
    for one, part in COMPONENTS.items():
        shown = await told_to(await scene.press(tobi, part))
        assert "600 miles" not in shown, one
        choose = tuple(value.replace("V-1", "V-99") for value in part.choose) if part.choose else None
        other = await unknown.press(tobi, replace(part, choose=choose))
        assert await told_to(other) == shown.replace("V-1", "V-99"), one


async def told_to(interaction: Interaction) -> str:
    """The same, once nothing more is to come."""
    await came_of(interaction)
    return await seen_in(interaction)


async def seen_in(interaction: Interaction) -> str:
    """All that the person got to see: the form, or the message."""
    state = await interaction.state()
    return f"{state['modal']}{Message(state['message']).text if state['message'] else ''}"


LOSING = (May.SENDER_OR_DECIDER, May.TAKES_PART, May.DECIDER, May.KEEPER, May.MANAGER)


@pytest.mark.parametrize("name", [name for name, form in FORMS.items() if form.may in LOSING])
async def test_a_form_is_refused_to_who_lost_the_right_since_it_opened(house: House, lena: Person, name: str) -> None:
    scene, form = await Scene.set(house), FORMS[name]
    opened = await scene.use(lena, form.command, form.options)
    assert (await opened.modal())["custom_id"].startswith(form.begins)
    before = await scene.belongings()
    await house.sandbox.ask("permit", subject="lead", deny=["manage_guild", "manage_messages"])
    sent = await lena.submit(opened, dict(form.values))
    assert await came_of(sent) == REFUSALS[form.may]
    assert await scene.belongings() == before


async def test_other_forms_are_taken_from_whoever_may_open_them(house: House, tobi: Person, mira: Person) -> None:
    scene = await Scene.set(house)
    await link(house, await id_of(house, "tobi"))  # or no campaign is open to him outside the server
    for name, form in FORMS.items():
        if form.may not in LOSING:
            person = tobi if form.may is May.EVERYONE else mira
            opened = await scene.use(person, form.command, form.options, channel=form.channel)
            values = dict(form.values) | ({"influencer": HANDLE} if "menu" in form.begins else {})
            assert await came_of(await person.submit(opened, values)) == "ok", name


async def test_commands_that_set_up_are_hidden_at_first(house: House, tobi: Person) -> None:
    for name in ("setup", "status"):
        with pytest.raises(RefusedError, match="hidden from this person"):
            await tobi.slash(name)
    assert house.bot is not None


async def test_every_command_has_its_row(house: House) -> None:
    assert house.bot is not None
    kinds = (AppCommandType.chat_input, AppCommandType.message, AppCommandType.user)
    walked = [one for kind in kinds for one in house.bot.tree.walk_commands(type=kind)]
    names = {one.qualified_name for one in walked if not isinstance(one, app_commands.Group)}
    assert names == set(COMMANDS)


def test_every_button_list_and_form_has_its_row() -> None:
    assert {button.__name__ for button in BUTTONS} == {name.split()[0] for name in COMPONENTS}
    assert {handler.__name__ for _, handler in ROUTES} == {name.split()[0] for name in FORMS}
