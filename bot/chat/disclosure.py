"""`/disclosure check`: the label check for anyone, and nothing of it is stored. `/disclosure rules`: a server's own.

The check works in servers, in direct messages and for people who installed the app for themselves.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from functools import partial
from typing import Any

import discord
from discord import app_commands, ui
from discord.app_commands import Choice, Range

from bot.chat.desk import Interaction, guild_of, own_language
from bot.chat.disclosure_cards import check_answer, rule_line, rules_answer
from bot.chat.forms import LONGEST_TEXT, Filled, labelled, new_form, open_form, words_field
from bot.chat.localized import LONGEST_CHOICE, said
from bot.chat.rights import require_manager
from bot.errors import Problem
from bot.judging.disclosure.check import check
from bot.judging.disclosure.load import rulebook
from bot.judging.disclosure.messages import country_name
from bot.judging.disclosure.own import STATUSES, usable
from bot.judging.disclosure.ready import with_ready_line
from bot.services.disclosure_rules import (
    LONGEST_LABEL,
    LONGEST_SOURCE,
    add_rule,
    checked_rule,
    remove_rule,
    rules_of,
)
from bot.services.where import separated
from bot.texts import listed, text

CHECK_FORM = re.compile(
    r"form:v1:disclosure:(?P<countries>[A-Z+]{2,40}):(?P<platform>\w{1,10}):(?P<format>\w{1,10}):(?P<relation>\w{1,10})"
    r"(:(?P<tool>[01]):(?P<audience>[a-z+]{0,8}))?"  # forms from before do not say
)
RULE_FORM = re.compile(r"form:v1:disclosure-rule")
PLATFORMS = ("instagram", "tiktok", "youtube", "x", "facebook", "threads", "linkedin", "other")
FORMATS = ("caption", "carousel", "story", "video", "live", "podcast")
RELATIONS = ("paid", "gift", "affiliate", "own_brand", "employee")
MOST_CHOICES = 25
MOST_COUNTRIES, MOST_LANGUAGES = 13, 3  # as many as the id of a form holds
_FRAMES = re.compile(r"\n[ \t\r]*\n")

group = app_commands.Group(
    name="disclosure",
    description=said("command.disclosure"),
    allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
    allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
)
rules = app_commands.Group(name="rules", description=said("command.disclosure_rules"), parent=group)


def _choices(section: str, values: Sequence[str]) -> list[Choice[str]]:
    return [Choice(name=said(f"{section}.{value}"), value=value) for value in values]


async def suggest_countries(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """Completes the last of several countries, by code or by name in the person's language."""
    book, language = rulebook(), own_language(interaction)
    *before, last = typed.upper().split(",")
    chosen = list(dict.fromkeys(book.aliases[code.strip()] for code in before if code.strip() in book.aliases))
    last = last.strip()
    names = {code: country_name(code, language) for code in {*book.aliases.values()} if code not in chosen}
    fitting = sorted(
        (book.aliases.get(last) != code, not code.startswith(last), code in book.states, name, code)
        for code, name in names.items()
        if code.startswith(last) or last in name.upper() or book.aliases.get(last) == code
    )
    return [
        Choice(
            name=listed(language, [*(country_name(one, language) for one in chosen), name])[-LONGEST_CHOICE:],
            value=",".join([*chosen, code]),
        )
        for *_, name, code in fitting[:MOST_CHOICES]
    ]


def _jurisdictions(typed: str) -> tuple[str, ...]:
    """The codes in `DE, jp`. Raises Problem for one there are no rules for, or more than a form can carry."""
    book = rulebook()
    try:
        codes = book.resolve(separated(typed))
    except ValueError:
        raise Problem("rules_problem.country", country=typed.strip()[:40], known=book.known()) from None
    if len(codes) > MOST_COUNTRIES:
        raise Problem("rules_problem.too_many_countries", most=MOST_COUNTRIES)
    return codes


async def suggest_languages(_: Interaction, typed: str) -> list[Choice[str]]:
    """Completes the last of several codes, from the languages that labels are known in."""
    *chosen, last = (code.strip() for code in typed.lower().split(","))
    book = rulebook()
    known = sorted({code for place in book.aliases.values() for code in book.place(place).languages} - {*chosen})
    fitting = [",".join([*chosen, code]) for code in known if code.startswith(last)]
    return [Choice(name=codes[-LONGEST_CHOICE:], value=codes[:LONGEST_CHOICE]) for codes in fitting[:MOST_CHOICES]]


def _languages(typed: str) -> tuple[str, ...]:
    """The codes in `en, pt-BR`, without regions. Raises Problem for what is none, or more than a form can carry."""
    codes = tuple(dict.fromkeys(code.partition("-")[0].lower() for code in separated(typed)))
    for code in codes:
        if not re.fullmatch("[a-z]{2}", code):
            raise Problem("rules_problem.language", language=code[:20])
    if len(codes) > MOST_LANGUAGES:
        raise Problem("rules_problem.too_many_languages", most=MOST_LANGUAGES)
    return codes


@group.command(name="check", description=said("command.disclosure_check"))
@app_commands.describe(
    country=said("command.country"),
    platform=said("command.platform"),
    format=said("command.format"),
    relation=said("command.relation"),
    tool=said("command.tool"),
    audience=said("command.audience"),
)
@app_commands.autocomplete(country=suggest_countries, audience=suggest_languages)
@app_commands.choices(
    platform=_choices("label_platform", PLATFORMS),
    format=_choices("label_format", FORMATS),
    relation=_choices("label_relation", RELATIONS),
)
async def check_command(
    interaction: Interaction,
    country: Range[str, 2, LONGEST_CHOICE],
    platform: str = PLATFORMS[0],
    format: str = FORMATS[0],
    relation: str = RELATIONS[0],
    tool: bool = False,
    audience: Range[str, 2, LONGEST_CHOICE] | None = None,
) -> None:
    language, countries = own_language(interaction), "+".join(_jurisdictions(country))
    about = f"{platform}:{format}:{relation}:{int(tool)}:{'+'.join(_languages(audience or ''))}"
    form_id = f"form:v1:disclosure:{countries}:{about}"
    form = new_form(text(language, "form.disclosure_title"), form_id)
    style = discord.TextStyle.paragraph
    for name in ("caption", "overlay", "spoken"):
        form.add_item(words_field(language, name, "", longest=LONGEST_TEXT, style=style, required=False))
    form.add_item(words_field(language, "brand", "", longest=100, required=False))
    await open_form(interaction, form)


async def on_check_form(interaction: Interaction, filled: Filled, match: re.Match[str]) -> None:
    """Answers the one who asked, and keeps nothing."""
    words = {name: value for name, value in filled.words.items() if value.strip()}
    if not words.keys() & {"caption", "overlay", "spoken"}:
        raise Problem("rules_problem.nothing_to_check")
    here = interaction.guild_id if interaction.is_guild_integration() else None
    own = await rules_of(interaction.client.desk.store, here) if here else ()
    asked = partial(
        check,
        countries=_jurisdictions(match["countries"].replace("+", ",")),
        platform=match["platform"],
        format=match["format"],
        relation=match["relation"],
        tool=match["tool"] == "1",
        audience_languages=[code for code in (match["audience"] or "").split("+") if code] or None,
        brand=words.get("brand", "").strip(),
        overlay_text=[frame for frame in _FRAMES.split(words.get("overlay", "")) if frame.strip()],
        spoken_text=words.get("spoken"),
        extra_rules=usable(own)[0],
    )
    # the first check compiles the rules
    found = await asyncio.to_thread(with_ready_line, words.get("caption", ""), asked)
    await _answer(interaction, check_answer(found, own_language(interaction), match["format"]))


@rules.command(name="add", description=said("command.disclosure_add"))
async def add_command(interaction: Interaction) -> None:
    require_manager(interaction)
    language = own_language(interaction)
    form = new_form(text(language, "form.rule_title"), "form:v1:disclosure-rule")
    form.add_item(words_field(language, "rule_label", "", longest=LONGEST_LABEL))
    options = [discord.SelectOption(label=text(language, f"rule_status.{one}"), value=one) for one in STATUSES]
    form.add_item(labelled(language, "rule_status", ui.Select(custom_id="rule_status", options=options)))
    form.add_item(words_field(language, "rule_country", "", longest=20))
    form.add_item(words_field(language, "rule_language", "", longest=2))
    style = discord.TextStyle.paragraph
    form.add_item(words_field(language, "rule_source", "", longest=LONGEST_SOURCE, style=style))
    await open_form(interaction, form)


async def on_rule_form(interaction: Interaction, filled: Filled, _: re.Match[str]) -> None:
    require_manager(interaction)
    words, desk, language = filled.words, interaction.client.desk, own_language(interaction)
    rule = checked_rule(
        guild_of(interaction),
        label=words.get("rule_label", ""),
        status=words.get("rule_status", ""),
        country=words.get("rule_country", ""),
        language=words.get("rule_language", ""),
        source=words.get("rule_source", ""),
        today=desk.clock().date(),
        added_by=interaction.user.id,
    )
    stored = await add_rule(desk.store, rule)
    said_so = text(language, "rules.added", line=rule_line(stored, language))
    await interaction.response.send_message(said_so, ephemeral=True)


@rules.command(name="list", description=said("command.disclosure_list"))
async def list_command(interaction: Interaction) -> None:
    require_manager(interaction)
    found = await rules_of(interaction.client.desk.store, guild_of(interaction))
    await _answer(interaction, rules_answer(found, own_language(interaction)))


async def suggest_rules(interaction: Interaction, typed: str) -> list[Choice[str]]:
    if interaction.guild_id is None or not interaction.permissions.manage_guild:
        return []
    found = await rules_of(interaction.client.desk.store, interaction.guild_id)
    named = [(f"{rule.name}: {rule.label} ({rule.country})", rule.name) for rule in found]
    fitting = [(name, value) for name, value in named if typed.casefold() in name.casefold()]
    return [Choice(name=name[:LONGEST_CHOICE], value=value) for name, value in fitting[:MOST_CHOICES]]


@rules.command(name="remove", description=said("command.disclosure_remove"))
@app_commands.describe(rule=said("command.rule"))
@app_commands.autocomplete(rule=suggest_rules)
async def remove_command(interaction: Interaction, rule: Range[str, 1, LONGEST_CHOICE]) -> None:
    require_manager(interaction)
    language = own_language(interaction)
    removed = await remove_rule(interaction.client.desk.store, guild_of(interaction), rule)
    said_so = text(language, "rules.removed", line=rule_line(removed, language))
    await interaction.response.send_message(said_so, ephemeral=True)


async def _answer(interaction: Interaction, boxes: Sequence[ui.Container[Any]]) -> None:
    """For the person's eyes only; in further messages where one does not hold it all."""
    first, *others = (ui.LayoutView(timeout=None).add_item(box) for box in boxes)
    await interaction.response.send_message(view=first, ephemeral=True)
    for view in others:
        await interaction.followup.send(view=view, ephemeral=True)
