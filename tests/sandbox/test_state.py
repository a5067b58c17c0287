"""What the sandbox remembers, and its permission arithmetic and paging, without a process."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox import world as places
from bot.sandbox.errors import DiscordError, RefusedError
from bot.sandbox.permissions import ALL, DIRECT, Permission, in_channel, in_guild, named
from bot.sandbox.state import World
from bot.sandbox.views import page


@pytest.fixture
def world() -> World:
    world = World()
    places.furnish(world)
    return world


def who(world: World, name: str) -> str:
    return str(places.person_named(world, name)["id"])


def test_a_reopened_file_holds_everything(tmp_path: Path) -> None:
    world = World(tmp_path / "state.db")
    places.furnish(world)
    world.keep_file("1", b"\x00bytes")
    number = world.record({"path": "/a", "status": None})
    world.record_answer(number, {"path": "/a", "status": 200})
    world.settings["rate_limit"] = 3
    again = World(tmp_path / "state.db")
    places.furnish(again)
    assert dict(again.users) == dict(world.users)
    assert list(again.channels.values()) == list(world.channels.values())
    assert again.file("1") == b"\x00bytes"
    assert again.recorded() == [{"number": 1, "path": "/a", "status": 200}]
    assert again.settings["rate_limit"] == 3


def test_clearing_forgets_settings_too(world: World) -> None:
    world.settings["rate_limit"] = 3
    world.clear()
    assert (len(world.users), world.settings["rate_limit"]) == (0, None)


def test_ids_only_grow(world: World) -> None:
    ids = [int(world.snowflake()) for _ in range(1000)]
    assert ids == sorted(set(ids))


def test_default_rights(world: World) -> None:
    drafts, team = (places.channel_named(world, name, {}) for name in ("drafts", "#team"))
    sees = {
        name: [bool(in_channel(world, place, who(world, name)) & Permission.VIEW_CHANNEL) for place in (drafts, team)]
        for name in ("lena", "mira", "tobi", "otto", "campaign-bot")
    }
    assert sees == {
        "lena": [True, True],
        "mira": [True, True],
        "tobi": [True, False],
        "otto": [True, False],
        "campaign-bot": [True, True],
    }
    guild = places.guild_named(world, None)
    assert in_guild(world, guild, who(world, "lena")) & Permission.MANAGE_GUILD
    assert not in_guild(world, guild, who(world, "mira")) & Permission.MANAGE_GUILD
    assert in_guild(world, guild, "1") == 0


def test_overwrites_apply_everyone_then_roles_then_the_person(world: World) -> None:
    drafts = places.channel_named(world, "drafts", {})["id"]
    mira = who(world, "mira")

    def may_send() -> bool:
        return bool(in_channel(world, world.channels[drafts], mira) & Permission.SEND_MESSAGES)

    places.set_overwrite(world, drafts, "@everyone", deny=["send_messages"])
    assert not may_send()
    places.set_overwrite(world, drafts, "marketing", allow=["send_messages"])
    assert may_send()
    places.set_overwrite(world, drafts, "mira", deny=["send_messages"])
    assert not may_send()
    places.set_overwrite(world, drafts, "mira")
    assert may_send()


def test_without_sending_there_are_no_files_either(world: World) -> None:
    drafts = places.channel_named(world, "drafts", {})["id"]
    places.set_overwrite(world, drafts, "tobi", deny=["send_messages"])
    bits = in_channel(world, world.channels[drafts], who(world, "tobi"))
    assert bits & Permission.VIEW_CHANNEL
    assert not bits & Permission.ATTACH_FILES


def test_owner_and_direct_channels(world: World) -> None:
    guild = world.guilds[places.guild_named(world, None)]
    team = places.channel_named(world, "team", {})
    assert in_channel(world, team, guild["owner_id"]) == ALL == named(["all"])
    direct = places.channel_named(world, "dm", places.person_named(world, "tobi"))
    assert places.channel_named(world, "dm", places.person_named(world, "tobi")) == direct
    assert in_channel(world, direct, who(world, "tobi")) == DIRECT
    assert in_channel(world, direct, who(world, "mira")) == 0


def test_names_that_do_not_exist(world: World) -> None:
    with pytest.raises(RefusedError, match="nobody called 'zoe'"):
        places.person_named(world, "zoe")
    with pytest.raises(RefusedError, match="no channel"):
        places.channel_named(world, "nowhere", {})
    with pytest.raises(RefusedError, match="no guild"):
        places.guild_named(world, "elsewhere")


@given(st.sets(st.integers(1, 60)), st.integers(1, 100), st.sampled_from(["", "before", "after"]), st.integers(0, 61))
def test_pages_are_the_nearest_messages_newest_first(ids: set[int], limit: int, side: str, mark: int) -> None:
    found = [{"payload": {"id": str(key)}} for key in ids]
    query = {"limit": str(limit)} | ({side: str(mark)} if side else {})
    got = [int(one["payload"]["id"]) for one in page(found, query)]
    kept = [key for key in ids if not side or (key < mark if side == "before" else key > mark)]
    nearest = sorted(kept)[:limit] if side == "after" else sorted(kept)[::-1][:limit]
    assert got == sorted(nearest, reverse=True)


@given(st.sets(st.integers(1, 60), min_size=1), st.integers(1, 20), st.integers(0, 61))
def test_pages_around_a_message_hold_it(ids: set[int], limit: int, mark: int) -> None:
    found = [{"payload": {"id": str(key)}} for key in ids]
    got = [int(one["payload"]["id"]) for one in page(found, {"limit": str(limit), "around": str(mark)})]
    assert got == sorted(set(got), reverse=True)
    assert len(got) <= limit
    assert mark not in ids or mark in got


@pytest.mark.parametrize("limit", ["0", "101", "x"])
def test_page_sizes_that_are_refused(limit: str) -> None:
    with pytest.raises(DiscordError) as refused:
        page([], {"limit": limit})
    assert refused.value.body["code"] == 50035
