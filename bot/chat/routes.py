"""Which handler takes which form, button or list: told by its id alone, since all of them outlive the process.

A new form is a line in ROUTES, a new button or list one in BUTTONS; each needs its row in tests/chat/test_rights.py.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from discord import ui

from bot.chat import disclosure, forms
from bot.chat.batch import approving, batch_cards, batches
from bot.chat.desk import Interaction, guarded
from bot.chat.draft import intake, new_versions, versions
from bot.chat.help import HelpSelect
from bot.chat.history import waiting
from bot.chat.personal import handing_in, me, privacy, selfcheck
from bot.chat.verdict import deciding, published, replies, views
from bot.chat.workspace import library, library_forms, setup
from bot.errors import Problem

OnForm = Callable[[Interaction, forms.Filled, re.Match[str]], Awaitable[None]]

ROUTES: tuple[tuple[re.Pattern[str], OnForm], ...] = (
    (forms.REVIEW_FORM, intake.on_review_form),
    (selfcheck.OWN_FORM, selfcheck.on_own_form),
    (selfcheck.PLACE_FORM, selfcheck.on_place_form),
    (forms.MENU_FORM, intake.on_menu_form),
    (batches.FORM, batches.on_batch_form),
    (deciding.FORM, deciding.on_reason_form),
    (forms.VERSION_FORM, new_versions.on_version_form),
    (replies.ANSWER_FORM, replies.on_answer_form),
    (published.PUBLISHED_FORM, published.on_published_form),
    (disclosure.CHECK_FORM, disclosure.on_check_form),
    (disclosure.RULE_FORM, disclosure.on_rule_form),
    (library_forms.EDIT_FORM, library.on_edit_form),
)

BUTTONS: tuple[type[ui.DynamicItem[Any]], ...] = (
    views.EvidenceButton,
    deciding.DecideButton,
    versions.NewVersionButton,
    versions.VersionsButton,
    new_versions.TakeButton,
    views.HistoryButton,
    waiting.WaitingButton,
    replies.AnswerButton,
    batch_cards.BatchSelect,
    batch_cards.BatchListButton,
    batch_cards.BatchFileButton,
    approving.BatchApproveButton,
    selfcheck.OwnHistoryButton,
    selfcheck.CheckSelect,
    handing_in.SubmitButton,
    handing_in.SubmitSelect,
    me.LinkButton,
    privacy.DeleteButton,
    privacy.ForgetButton,
    privacy.RetentionButton,
    setup.SetupSelect,
    setup.CheckButton,
    HelpSelect,
    *library.BUTTONS,
)


def is_ours(custom_id: str) -> bool:
    """Whether something of this version has such an id."""
    return any(button.__discord_ui_compiled_template__.fullmatch(custom_id) for button in BUTTONS)


async def on_form(interaction: Interaction, custom_id: str) -> None:
    """A form of ours was sent, by this process or one before it. Discord forgets it: refused, it is given back."""
    async with guarded(interaction, "form", lambda: forms.typed_file(interaction, custom_id)):
        for pattern, handler in ROUTES:
            if match := pattern.fullmatch(custom_id):
                await handler(interaction, forms.read_form(interaction.data), match)
                return
        raise Problem("chat_problem.unknown_form")
