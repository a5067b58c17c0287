"""A small real bot on the real client library, with one feature of each kind, for the sandbox's own tests."""

from __future__ import annotations

import io
from typing import Any, Self

import discord
from discord import app_commands, ui


def knows_its_guilds(bot: discord.Client) -> bool:
    """What is in them comes just after it is ready."""
    return not any(guild.unavailable for guild in bot.guilds)


class Again(ui.DynamicItem[ui.Button[Any]], template=r"again:(?P<draft>\d+)"):
    def __init__(self, draft: int) -> None:
        super().__init__(ui.Button(label="Again", custom_id=f"again:{draft}"))
        self.draft = draft

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction, __: ui.Item[Any], match: Any) -> Self:
        return cls(int(match["draft"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"again {self.draft}", ephemeral=True)


class DraftForm(ui.Modal, title="Draft"):
    """One field of each kind that a form can hold."""

    def __init__(self) -> None:
        super().__init__(custom_id="draft-form")
        kinds = [discord.SelectOption(label=name, value=name[0]) for name in ("Caption", "Video")]
        tones = [discord.RadioGroupOption(label=name, value=name) for name in ("warm", "dry")]
        tags = [discord.CheckboxGroupOption(label=name, value=name) for name in ("gift", "trip")]
        self.text: ui.TextInput[Any] = ui.TextInput(custom_id="text", max_length=50)
        self.kind: ui.Select[Any] = ui.Select(custom_id="kind", options=kinds)
        self.image: ui.FileUpload[Any] = ui.FileUpload(custom_id="image", required=False)
        self.tone: ui.RadioGroup[Any] = ui.RadioGroup(custom_id="tone", options=tones)
        self.tags: ui.CheckboxGroup[Any] = ui.CheckboxGroup(custom_id="tags", options=tags, required=False)
        for name in ("text", "kind", "image", "tone", "tags"):
            self.add_item(ui.Label(text=name.capitalize(), component=getattr(self, name)))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        files = [await file.read() for file in self.image.values]
        parts = [self.text.value, self.kind.values, files, self.tone.value, self.tags.values]
        await interaction.response.send_message(repr(parts), ephemeral=True)


class ConfirmForm(ui.Modal, title="Sure?"):
    """A checkbox and a choice of people, opened from a button's message."""

    def __init__(self) -> None:
        super().__init__(custom_id="confirm")
        self.paid: ui.Checkbox[Any] = ui.Checkbox(custom_id="paid")
        self.who: ui.UserSelect[Any] = ui.UserSelect(custom_id="who")
        self.add_item(ui.Label(text="Paid", component=self.paid))
        self.add_item(ui.Label(text="Who", component=self.who))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content=f"{self.paid.value} {self.who.values[0].name}", view=None)


class Card(ui.LayoutView):
    def __init__(self, text: str) -> None:
        super().__init__(timeout=None)
        box: ui.Container[Any] = ui.Container(accent_colour=0x2ECC71)
        box.add_item(ui.TextDisplay("**Fits**"))
        box.add_item(ui.Section(ui.TextDisplay(text), accessory=ui.Button(label="Post", url="https://posts.example/1")))
        box.add_item(ui.Separator())
        box.add_item(ui.File("attachment://verdict.md"))
        box.add_item(ui.ActionRow(Again(7)))
        self.add_item(box)


class Choice(ui.View):
    """A button that opens a form, and a menu that changes the message."""

    @ui.button(label="Confirm", custom_id="confirm")
    async def confirm(self, interaction: discord.Interaction, _: ui.Button[Any]) -> None:
        await interaction.response.send_modal(ConfirmForm())

    @ui.select(placeholder="Which", options=[discord.SelectOption(label=name) for name in ("one", "two")])
    async def which(self, interaction: discord.Interaction, select: ui.Select[Any]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content=f"chose {select.values[0]}", view=None)


class SmallBot(discord.Client):
    """Answers messages that name it, and offers commands, menus, a form, a card and a button."""

    def __init__(self, **more: Any) -> None:
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = intents.guild_reactions = True
        super().__init__(
            intents=more.pop("intents", intents),
            guild_ready_timeout=0.0,
            allowed_mentions=discord.AllowedMentions.none(),
            **more,
        )
        self.tree = app_commands.CommandTree(self)
        self.heard: list[discord.Message] = []
        self.edits: list[discord.RawMessageUpdateEvent] = []
        self.reactions: list[discord.RawReactionActionEvent] = []
        self.kept: discord.Interaction | None = None
        _add_commands(self)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """No five seconds of waiting."""

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Again)
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message)
        if self.user is None or message.author.id == self.user.id or not message.content.endswith("?"):
            return
        blobs = [await attachment.read() for attachment in message.attachments]
        files = [discord.File(io.BytesIO(b"".join(blobs)), "copy.bin")] if blobs else []
        await message.reply(f"about {message.content}", files=files, nonce=str(message.id))

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        self.edits.append(payload)

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        self.reactions.append(payload)


def _add_commands(bot: SmallBot) -> None:
    campaign = app_commands.Group(name="campaign", description="Campaigns")
    history = app_commands.Group(name="history", description="Past verdicts", parent=campaign)

    @campaign.command(description="Review a draft")
    async def review(
        interaction: discord.Interaction, influencer: str, file: discord.Attachment | None = None, count: int = 1
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        size = len(await file.read()) if file else 0
        await interaction.edit_original_response(content=f"{influencer} {size} {count}")

    @review.autocomplete("influencer")
    async def influencers(_: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        names = ("tobi", "tomo", "ada")
        return [app_commands.Choice(name=name, value=f"@{name}") for name in names if name.startswith(current)]

    @history.command(description="Search past verdicts")
    async def search(interaction: discord.Interaction, words: str, person: discord.User | None = None) -> None:
        await interaction.response.send_message(f"found {words} {person and person.name} <@{interaction.user.id}>")

    @bot.tree.command(description="Set up")
    @app_commands.default_permissions(manage_guild=True)
    async def setup(interaction: discord.Interaction) -> None:
        allowed, mine = interaction.permissions.manage_guild, interaction.app_permissions.send_messages
        await interaction.response.send_message(f"{allowed} {mine}", ephemeral=True)

    @bot.tree.command(description="A form")
    async def form(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(DraftForm())

    @bot.tree.command(description="Keeps the interaction unanswered")
    async def keep(interaction: discord.Interaction) -> None:
        bot.kept = interaction

    @bot.tree.command(description="A message with a button and a menu")
    async def choose(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("choose", view=Choice())

    @bot.tree.context_menu(name="Review draft")
    async def menu(interaction: discord.Interaction, message: discord.Message) -> None:
        file = discord.File(io.BytesIO(b"why"), "verdict.md")
        await interaction.response.send_message(view=Card(f"saw {message.content}"), file=file)

    @bot.tree.context_menu(name="Influencer history")
    async def person(interaction: discord.Interaction, user: discord.User) -> None:
        await interaction.response.send_message(f"history of {user.name}", ephemeral=True)

    bot.tree.add_command(campaign)
