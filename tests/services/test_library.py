"""Posts and workspaces come in whole, once, and never half."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.errors import Problem
from bot.model.posts import PastPost, snapshot_hash
from bot.model.workspace import GuildSettings, Influencer
from bot.services.disclosure_rules import MOST_RULES, rules_of
from bot.services.library import BATCH, ROWS_SHOWN, import_posts, load_workspace
from bot.services.setup import change_settings, setup_of
from bot.store import library
from bot.store.database import Store, open_store
from bot.store.posts import posts_of
from bot.texts import render

GUILD, OTHER_GUILD = 7, 8
TABLE = """id,date,caption,lang
p1,2026-01-02,Beans are up,en
p2,2026-03-01,Rain at last,en
p3,04/05/2026,Tea,en
p4,2026-02-01,,en
p1,2026-01-02,Beans are up!,en
"""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path / "data" / "bot.sqlite3")
    yield opened
    await opened.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "posts.csv"
    path.write_text(TABLE)
    return path


def rewrite(path: Path, text: str) -> None:
    path.write_text(text)


async def stored(store: Store, handle: str, guild_id: int = GUILD) -> tuple[PastPost, ...]:
    async with store.read() as conn:
        influencer = await library.find_influencer(conn, guild_id, handle)
        return await posts_of(conn, influencer.id) if influencer else ()


async def known(store: Store) -> tuple[Influencer, ...]:
    async with store.read() as conn:
        return await library.influencers(conn, GUILD)


async def test_an_import_reports_what_it_did(store: Store, file: Path) -> None:
    report = await import_posts(store, GUILD, "@wren", file)
    assert (report.new, report.changed, report.unchanged, report.repeated, report.undated) == (3, 0, 0, 1, 1)
    assert [(row.line, row.reason.key) for row in report.bad_rows] == [(5, "import_row.no_text")]
    assert [(note.line, note.reason.key) for note in report.notes] == [(4, "import_row.date_ambiguous")]
    assert (report.first, report.last) == (datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
    assert report.layout.key == "import_layout.csv"
    posts = await stored(store, "wren")
    assert sorted(post.text for post in posts) == ["Beans are up!", "Rain at last", "Tea"]
    assert report.snapshot == snapshot_hash(posts)


async def test_a_second_import_changes_nothing(store: Store, file: Path) -> None:
    first = await import_posts(store, GUILD, "@wren", file)
    before = await stored(store, "wren")
    again = await import_posts(store, GUILD, "WREN", file)
    assert first.is_new
    assert not again.is_new
    assert (again.new, again.changed, again.unchanged) == (0, 0, 3)
    assert again.snapshot == first.snapshot
    assert again.influencer == first.influencer
    assert await stored(store, "wren") == before


async def test_a_changed_text_is_counted_as_changed(store: Store, file: Path) -> None:
    await import_posts(store, GUILD, "wren", file)
    rewrite(file, TABLE.replace("Rain at last", "Rain finally").replace("p3", "p9"))
    report = await import_posts(store, GUILD, "wren", file)
    assert (report.new, report.changed, report.unchanged) == (1, 1, 1)


async def test_repeats_far_apart_in_a_file_change_nothing_the_second_time(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    posts = [{"id": "same", "text": "old"}, *({"id": f"p{number}", "text": "beans"} for number in range(BATCH + 50))]
    path.write_text("\n".join(json.dumps(post) for post in [*posts, {"id": "same", "text": "new"}]))
    for expected in ((BATCH + 51, 0, 0), (0, 0, BATCH + 51)):
        report = await import_posts(store, GUILD, "wren", path)
        assert (report.new, report.changed, report.unchanged) == expected
        assert report.repeated == 1
    assert [post.text for post in await stored(store, "wren") if post.id == "same"] == ["new"]


async def test_undated_posts_keep_the_order_of_the_file(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "accounts.jsonl"
    texts = [f"post {number}" for number in range(BATCH + 20)]
    path.write_text(json.dumps({"creator": "wren", "stored": texts}))
    await import_posts(store, GUILD, "wren", path)
    assert [post.text for post in await stored(store, "wren")] == texts


async def test_ids_that_are_row_numbers_replace_nothing(store: Store, tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("id,text,date\n1,beans on toast,2026-01-01\n2,rain all day,2026-01-02\n")
    second.write_text("id,text,date\n1,a walk at night,2026-02-01\n2,rain all day,2026-01-02\n")
    await import_posts(store, GUILD, "wren", first)
    report = await import_posts(store, GUILD, "wren", second)
    assert (report.new, report.changed, report.unchanged) == (1, 0, 1)
    [note] = report.notes
    assert "look like row numbers" in render("en", note.reason)
    again = await import_posts(store, GUILD, "wren", first)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)
    async with store.read() as conn:
        stored = {one.text for one in await posts_of(conn, report.influencer.id)}
    assert stored == {"beans on toast", "rain all day", "a walk at night"}


async def test_only_the_first_bad_rows_are_kept_but_all_are_counted(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("id,text,date\n" + "1,\n" * 50 + "".join(f"{number},beans {number},soon\n" for number in range(60)))
    report = await import_posts(store, GUILD, "wren", path)
    assert (report.bad_count, len(report.bad_rows), len(report.notes)) == (50, ROWS_SHOWN, ROWS_SHOWN)
    assert (report.new, report.undated) == (60, 60)


@pytest.mark.parametrize(
    ("texts", "language"), [(["海まで歩いた。", "雨。"], "ja"), (["Hoy llueve y no salgo, pero es muy bonito"], "es")]
)
async def test_a_new_influencer_is_created_with_the_language_of_the_posts(
    store: Store, tmp_path: Path, texts: list[str], language: str
) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text("\n".join(json.dumps({"text": text, "platform": "TikTok"}) for text in texts))
    report = await import_posts(store, GUILD, "＠Wren_9", path)
    assert report.influencer == Influencer(report.influencer.id, GUILD, "Wren_9", "Wren_9", language, None, "tiktok")
    assert await known(store) == (report.influencer,)


async def test_what_is_said_about_an_influencer_wins_over_guesses_and_stays(store: Store, file: Path) -> None:
    await import_posts(store, GUILD, "wren", file, name="Wren Oakes", language="fr")
    report = await import_posts(store, GUILD, "wren", file)
    assert (report.influencer.name, report.influencer.language) == ("Wren Oakes", "fr")
    report = await import_posts(store, GUILD, "wren", file, language="es")
    assert (report.influencer.name, report.influencer.language) == ("Wren Oakes", "es")
    assert await known(store) == (report.influencer,)


async def test_guilds_are_apart(store: Store, file: Path) -> None:
    await import_posts(store, OTHER_GUILD, "wren", file)
    assert await known(store) == ()
    report = await import_posts(store, GUILD, "wren", file)
    assert report.new == 3


@pytest.mark.parametrize("handle", ["", "@", "a b", "../wren", "w" * 65, "wren;", "@@wren", "a/b", "wren\n9"])
async def test_what_is_no_handle_is_refused(store: Store, file: Path, handle: str) -> None:
    with pytest.raises(Problem, match="is no handle"):
        await import_posts(store, GUILD, handle, file)


@pytest.mark.parametrize("handle", ["wren", " @wren ", "wren.oakes-9_", "海の猫", "レンオークス", "w" * 64])
async def test_handles_of_many_scripts_are_taken(store: Store, file: Path, handle: str) -> None:
    report = await import_posts(store, GUILD, handle, file)
    assert report.influencer.handle == handle.strip().removeprefix("@")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("header.csv", "id,text\n", r"header\.csv has a header but no posts"),
        (
            "bad.csv",
            "id,text\n1,\n2,\n",
            r"No row of bad\.csv could be read \(rows: 2\)\. The first, in line 2: No text\.",
        ),
        ("keys.jsonl", '{"weather": "rain"}\n', r"line 1: No text; the keys are: weather\."),
        ("empty.csv", "", r"empty\.csv has no rows"),
        ("columns.csv", "sha1,weather\n1,rain\n", "sha1, weather"),
    ],
)
async def test_a_file_without_posts_leaves_nothing_behind(
    store: Store, tmp_path: Path, name: str, data: str, message: str
) -> None:
    (tmp_path / name).write_text(data)
    with pytest.raises(Problem, match=message):
        await import_posts(store, GUILD, "wren", tmp_path / name)
    assert await known(store) == ()


async def test_progress_counts_both_readings_to_the_end(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("text\n" + "".join(f"Morning {number} and beans\n" for number in range(3 * BATCH)))
    seen: list[tuple[int, int]] = []
    await import_posts(store, GUILD, "wren", path, on_progress=lambda done, total: seen.append((done, total)))
    size = path.stat().st_size
    assert seen == sorted(seen)
    assert {total for _, total in seen} == {2 * size}
    assert {size, 2 * size} <= {done for done, _ in seen}


WORKSPACE = """
[[brand]]
name = "Tarn Wear"
aliases = ["TarnWear"]
category_words = ["shoes"]
value = ["fairness", {name = "courage", words = ["brave"]}]

[[campaign]]
name = "First Light"
brand = "tarn wear"
countries = ["us", "JP"]
must_say = ["Run with Tarn."]
relation = "gift"

[[influencer]]
handle = "@wren"
name = "Wren Oakes"
lang = "en"
country = "gb"
platform = "photos"
followers = 1200
posts = "posts/wren.jsonl"

[[influencer]]
handle = "kai"
lang = "ja"
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    (folder / "posts").mkdir(parents=True)
    (folder / "posts" / "wren.jsonl").write_text('{"id": "w-1", "text": "Beans"}\n{"id": "w-2", "text": "Rain"}\n')
    (folder / "workspace.toml").write_text(WORKSPACE)
    return folder / "workspace.toml"


async def test_a_workspace_is_stored_whole(store: Store, workspace: Path) -> None:
    report = await load_workspace(store, GUILD, workspace)
    assert (report.brands, report.campaigns, report.influencers, report.rules) == (1, 1, 2, 0)
    assert [(one.influencer.handle, one.is_new, one.new) for one in report.imports] == [("wren", False, 2)]
    async with store.read() as conn:
        campaign = await library.find_campaign(conn, GUILD, "first light")
        wren = await library.find_influencer(conn, GUILD, "wren")
        kai = await library.find_influencer(conn, GUILD, "kai")
    assert campaign is not None
    assert (campaign.countries, campaign.must_say, campaign.relation) == (("US", "JP"), ("Run with Tarn.",), "gift")
    assert campaign.brand.name == "Tarn Wear"
    assert [(value.name, value.words) for value in campaign.brand.values] == [("fairness", ()), ("courage", ("brave",))]
    assert wren is not None
    assert (wren.name, wren.country, wren.platform, wren.followers) == ("Wren Oakes", "GB", "photos", 1200)
    assert kai is not None
    assert (kai.name, kai.language, kai.country) == ("kai", "ja", None)
    assert [post.id for post in await stored(store, "wren")] == ["w-1", "w-2"]


async def test_loading_again_changes_nothing(store: Store, workspace: Path) -> None:
    first = await load_workspace(store, GUILD, workspace)
    async with store.read() as conn:
        before = (await library.brands(conn, GUILD), await library.campaigns(conn, GUILD), await known(store))
    again = await load_workspace(store, GUILD, workspace)
    async with store.read() as conn:
        assert before == (await library.brands(conn, GUILD), await library.campaigns(conn, GUILD), await known(store))
    assert (again.brands, again.campaigns, again.influencers) == (first.brands, first.campaigns, first.influencers)
    assert [(one.is_new, one.new, one.changed, one.unchanged) for one in again.imports] == [(False, 0, 0, 2)]


async def test_a_workspace_may_hold_own_disclosure_rules(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "workspace.toml"
    row = 'status = "accepted"\ncountry = "gb"\nlanguage = "en"\nsource = "Agreed"\nas_of = 2026-11-20\n'
    path.write_text(f'[[disclosure_rule]]\nlabel = "#tarncrew"\n{row}')
    for _ in range(2):
        assert (await load_workspace(store, GUILD, path)).rules == 1
        [rule] = await rules_of(store, GUILD)
    assert (await setup_of(store, GUILD)).rules == 1
    assert (rule.label, rule.country, rule.as_of, rule.added_by) == ("tarncrew", "UK", date(2026, 11, 20), 0)
    path.write_text("".join(f'[[disclosure_rule]]\nlabel = "tag{number}"\n{row}' for number in range(MOST_RULES)))
    with pytest.raises(Problem, match="Remove one first"):
        await load_workspace(store, GUILD, path)
    assert await rules_of(store, GUILD) == (rule,)


async def test_a_campaign_may_use_a_brand_that_is_stored_already(store: Store, workspace: Path) -> None:
    await load_workspace(store, GUILD, workspace)
    rewrite(workspace, '[[campaign]]\nname = "Late Light"\nbrand = "TARN WEAR"\n')
    await load_workspace(store, GUILD, workspace)
    async with store.read() as conn:
        campaign = await library.find_campaign(conn, GUILD, "Late Light")
    assert campaign is not None
    assert campaign.brand.aliases == ("TarnWear",)


async def test_a_brand_of_another_guild_does_not_count(store: Store, workspace: Path) -> None:
    await load_workspace(store, OTHER_GUILD, workspace)
    rewrite(workspace, '[[campaign]]\nname = "Late Light"\nbrand = "Tarn Wear"\n')
    with pytest.raises(Problem, match="no brand 'Tarn Wear'"):
        await load_workspace(store, GUILD, workspace)


@pytest.mark.parametrize(
    ("posts", "message"),
    [
        (None, "There is no file"),
        ("", "has no rows"),
        ('{"text": ""}', "No row of kai.jsonl could be read"),
        ("\0\0\0", "not a text file"),
    ],
)
async def test_one_unusable_posts_file_stops_everything(
    store: Store, workspace: Path, posts: str | None, message: str
) -> None:
    rewrite(workspace, WORKSPACE + 'posts = "posts/kai.jsonl"\n')
    if posts is not None:
        rewrite(workspace.parent / "posts" / "kai.jsonl", posts)
    with pytest.raises(Problem, match=message):
        await load_workspace(store, GUILD, workspace)
    async with store.read() as conn:
        assert await library.brands(conn, GUILD) == ()
    assert await known(store) == ()


async def test_progress_of_a_workspace_ends_at_its_total(store: Store, workspace: Path) -> None:
    seen: list[tuple[int, int]] = []
    await load_workspace(store, GUILD, workspace, lambda done, total: seen.append((done, total)))
    total = 2 * (workspace.parent / "posts" / "wren.jsonl").stat().st_size
    assert seen[-1] == (total, total)


async def test_a_workspace_can_hold_settings_of_the_server_and_leaves_the_others(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "workspace.toml"
    path.write_text('[guild]\nlanguage = "ja"\ncountries = ["gb", "JP"]\ndecider_roles = [5]\n', "utf-8")
    await change_settings(store, GUILD, drafts_channel_id=9, countries=("DE",))
    await load_workspace(store, GUILD, path)
    found = (await setup_of(store, GUILD)).settings
    assert found == GuildSettings("ja", ("UK", "JP"), (5,), drafts_channel_id=9)


async def test_posts_from_the_future_are_left_out_and_counted(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("text,date\nEarly.,2024-01-02\nLate.,2099-01-02\n", "utf-8")
    report = await import_posts(store, GUILD, "wren", path)
    assert (report.new, report.ahead, report.bad_count) == (1, 1, 1)


async def test_a_slip_in_the_handle_makes_no_new_influencer(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("text,date\nEarly.,2024-01-02\n", "utf-8")
    assert (await import_posts(store, GUILD, "wren", path, may_create=False)).is_new  # the first one
    for typed, words in (("wrenn", "Did you mean @wren[?]"), ("zzz", "is stored here. To create @zzz, add --new")):
        with pytest.raises(Problem, match=words):
            await import_posts(store, GUILD, typed, path, may_create=False)
    assert (await import_posts(store, GUILD, "zzz", path)).is_new
