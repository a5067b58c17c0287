"""The command line as people use it: a process of its own, its output, its exit status."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import sample
from bot.sandbox.people import Sandbox

ROOT = Path(__file__).parent.parent
DRAFTS = {draft.title: draft for draft in sample.drafts()}


def run(
    folder: Path, *arguments: str, stdin: bytes | str = b"", **environment: str
) -> subprocess.CompletedProcess[str]:
    """`python -m bot ...` in `folder`, whose data/ holds the database."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120", **environment},
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        timeout=300,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose database holds the sample workspace."""
    folder = tmp_path_factory.mktemp("loaded")
    done = run(folder, "load", str(sample.recent_workspace(folder / "workspace", datetime.now(UTC))))
    assert done.returncode == 0, done.stderr
    return folder


def written(folder: Path, text: str | bytes, name: str = "draft.txt") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


COMMANDS = ("demo", "run", "load", "import", "review", "history", "eval", "disclosure", "doctor", "backup", "restore")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(tmp_path: Path, command: str) -> None:
    overview, own = run(tmp_path, "--help"), run(tmp_path, command, "--help")
    assert command in overview.stdout
    assert own.returncode == 0
    assert "Usage:" in own.stdout


def test_loading_twice_changes_nothing(loaded: Path) -> None:
    done = run(loaded, "load", str(loaded / "workspace" / "workspace.toml"))
    assert done.returncode == 0
    assert ": 0 new, 0 changed" in done.stdout
    assert "own disclosure rules: 0" in done.stdout


@pytest.mark.parametrize(
    ("title", "outcomes"), [("Tooth whitening out of nowhere", {"does_not_fit"}), ("The brand that rang", {"fits"})]
)
def test_review_prints_the_agreed_json_and_history_finds_it(
    loaded: Path, tmp_path: Path, title: str, outcomes: set[str]
) -> None:
    draft = DRAFTS[title]
    path = written(tmp_path, draft.text)
    names = ("--influencer", draft.influencer, "--campaign", draft.campaign)
    done = run(loaded, "review", str(path), *names, "--json")
    assert done.returncode == 0, done.stderr
    verdict = json.loads(done.stdout)
    assert verdict["outcome"] in outcomes
    assert set(verdict["criteria"]) == {
        "shared_values", "follower_first", "voice_match", "belief_consistency", "not_just_for_money", "disclosure",
    }  # fmt: skip
    for criterion in verdict["criteria"].values():
        assert criterion["level"] in {"L0", "L1", "L2", "L3", "L4", "abstain"}
        assert {"reasoning", "quotes", "caps"} <= set(criterion)
    stored = {json.loads(line)["id"]: json.loads(line)["text"] for line in posts_of(draft.influencer)}
    quotes = [quote for criterion in verdict["criteria"].values() for quote in criterion["quotes"]]
    assert quotes
    assert all(quote["text"] in stored[quote["post_id"]] for quote in quotes)
    assert {"outcome", "rule", "fix"} <= set(verdict["disclosure"])
    assert verdict["disclosure"]["reservation"] == f"Not legal advice. Rules as of {verdict['disclosure']['as_of']}."
    assert {"kind", "model", "rubric", "readings", "tokens", "latency_ms"} <= set(verdict["judge"])
    assert verdict["judge"]["kind"] == "offline"

    found = run(loaded, "history", "--influencer", draft.influencer, "--json")
    assert verdict["verdict_id"] in [row["verdict_id"] for row in json.loads(found.stdout)]
    table = run(loaded, "history", "--campaign", draft.campaign)
    assert verdict["verdict_id"] in table.stdout
    again = run(loaded, "history", verdict["verdict_id"], "--json")
    assert json.loads(again.stdout)["sha256"] == verdict["sha256"]
    assert verdict["verdict_id"] in run(loaded, "history", verdict["verdict_id"]).stdout
    cells = run(loaded, "history", "--csv").stdout.splitlines()
    assert cells[0].startswith("number,outcome,influencer")


def posts_of(handle: str) -> list[str]:
    return (sample.folder() / "posts" / f"{handle.lstrip('@')}.jsonl").read_text("utf-8").splitlines()


def test_a_review_for_people_names_outcome_reasons_and_next_step(loaded: Path) -> None:
    draft = DRAFTS["Tooth whitening out of nowhere"]
    names = ("--influencer", draft.influencer, "--campaign", draft.campaign)
    done = run(loaded, "review", "-", *names, stdin=draft.text)
    for words in ("Does not fit", "just for money", "tk-008", "Measured, not read by a model", "→"):
        assert words in done.stdout
    assert "合っていません" in run(loaded, "review", "-", *names, "--language", "ja", stdin=draft.text).stdout


def test_time_and_format_can_be_set(loaded: Path) -> None:
    draft = DRAFTS["The brand that rang"]
    names = ("--influencer", draft.influencer, "--campaign", draft.campaign, "--json")
    old = json.loads(run(loaded, "review", "-", *names, "--now", "2030-01-01T00:00:00", stdin=draft.text).stdout)
    assert old["outcome"] == "cannot_tell"
    assert old["created_at"].startswith("2030-01-01")
    video = json.loads(run(loaded, "review", "-", *names, "--format", "video", stdin=draft.text).stdout)
    assert video["disclosure"]["outcome"] == "NOT_ASSESSABLE"


NAMES = ("--influencer", "@tobi_keeps", "--campaign", "Bright Week")


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        (("review", "nowhere.txt", *NAMES), b"", "nowhere.txt"),
        (("review", ".", *NAMES), b"", "cannot be read"),
        (("review", "-", *NAMES), b"", "no text"),
        (("review", "-", *NAMES), b"x" * 20_001, "20,000"),
        (("review", "-", *NAMES), b"\x89PNG\r\n\x1a\n\x00\x00", "is not a text file"),
        (("review", "-", *NAMES), "Größe café".encode("utf-16"), None),
        (("review", "-", "--influencer", "@toby_keeps", "--campaign", "Bright Week"), b"hello there", "@tobi_keeps"),
        (("review", "-", "--influencer", "@tobi_keeps", "--campaign", "Brite Week"), b"hello there", "Bright Week"),
        (("review", "-", *NAMES, "--guild", "99"), b"hello there", "load WORKSPACE.toml"),
        (("history", "--outcome", "splendid"), b"", "does_not_fit"),
        (("history", "--influencer", "@nobody"), b"", "@nobody"),
        (("history", "--campaign", "No such"), b"", "No such"),
        (("history", "V-9999"), b"", "V-9999"),
        (("history", "S-1"), b"", "S-1"),
        (("load", "nowhere.toml"), b"", "nowhere.toml"),
        (("import", "nowhere.csv", "--influencer", "@new"), b"", "nowhere.csv"),
        (("import", str(ROOT / "LICENSE"), "--influencer", "not a handle!"), b"", "handle"),
        (("eval", "nowhere"), b"", "nowhere"),
        (("doctor", "--config", "nowhere.toml"), b"", "nowhere.toml"),
        (("run",), b"", "DISCORD_TOKEN"),
        (("disclosure", "#ad", "--country", "XX"), b"", "use one of AT, AU, BE,"),
        (("disclosure", "#ad", "--country", "US", "--relation", "friend"), b"", "friend"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_sentence(loaded: Path, arguments: tuple[str, ...], stdin: bytes, says: str | None) -> None:
    done = run(loaded, *arguments, stdin=stdin)
    if says is None:
        assert done.returncode == 0, done.stderr
        return
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_bad_input_loses_nothing_stored(loaded: Path, tmp_path: Path) -> None:
    database = tmp_path / "data"
    shutil.copytree(loaded / "data", database)
    draft = DRAFTS["The brand that rang"]
    names = ("--influencer", draft.influencer, "--campaign", draft.campaign)
    assert run(tmp_path, "review", "-", *names, stdin=draft.text).returncode == 0
    before = run(tmp_path, "history", "--json").stdout, run(tmp_path, "doctor").stdout
    broken = written(
        tmp_path, sample.workspace().read_text("utf-8").replace("posts/tobi", "posts/nobody"), "broken.toml"
    )
    assert run(tmp_path, "load", str(broken)).returncode == 2
    assert run(tmp_path, "import", str(written(tmp_path, b"\x89PNG\x00", "x.csv")), *NAMES[:2]).returncode == 2
    assert run(tmp_path, "review", "-", *NAMES).returncode == 2
    assert (run(tmp_path, "history", "--json").stdout, run(tmp_path, "doctor").stdout) == before


def test_a_wrong_key_or_database_is_named(tmp_path: Path) -> None:
    config = written(tmp_path, '[llm]\nmodel = "m"\n', "config.toml")
    done = run(tmp_path, "review", "-", *NAMES, stdin=b"hello")
    assert (done.returncode, "OPENAI_API_KEY" in done.stderr) == (2, True)
    config.write_text(f'[database]\npath = "{written(tmp_path, "not a database " * 99, "other.sqlite3")}"\n')
    done = run(tmp_path, "history")
    assert (done.returncode, "other.sqlite3" in done.stderr) == (2, True)


def test_disclosure_is_checked_for_each_country(tmp_path: Path) -> None:
    done = run(tmp_path, "disclosure", "-", "--country", "US,de", stdin="#ad my new shoes")
    assert done.returncode == 1
    named = run(tmp_path, "disclosure", "Werbung | Ad | my new shoes", "--country", "germany, アメリカ")
    assert (named.returncode, "Germany: labelled" in named.stdout) == (0, True)
    for words in ("United States: labelled", "Germany: label not clear enough", "Werbung", "Not legal advice"):
        assert words in done.stdout
    assert "ドイツ" in run(tmp_path, "disclosure", "#ad", "--country", "DE", "--language", "ja").stdout
    video = ("--country", "UK", "--format", "video", "--brand", "Acme")
    unknown = run(tmp_path, "disclosure", "#ad", *video)
    assert (unknown.returncode, "What text stands on the picture" in unknown.stdout) == (3, True)
    assert "labelled" in run(tmp_path, "disclosure", "", *video, "--spoken", "This video is an ad").stdout
    assert "labelled" in run(tmp_path, "disclosure", "", *video, "--overlay", "serum", "--overlay", "ad").stdout
    french = run(tmp_path, "disclosure", "#ad", "--country", "CA", "--audience", "fr", "--json")
    assert (french.returncode, json.loads(french.stdout)["outcome"]) == (1, "WRONG_LANGUAGE")
    switched_on = run(tmp_path, "disclosure", "my new shoes", "--country", "US", "--tool")
    assert (switched_on.returncode, "only the platform's setting" in switched_on.stdout) == (1, True)
    assert not (tmp_path / "data").exists()


def test_doctor_says_what_is_missing(tmp_path: Path, loaded: Path) -> None:
    fresh = run(tmp_path, "doctor")
    assert fresh.returncode == 0
    for words in ("Nothing is stored yet", "No model is configured", "DISCORD_TOKEN"):
        assert words in fresh.stdout
    assert "10 influencers" in run(loaded, "doctor").stdout


def test_eval_prints_its_json(tmp_path: Path) -> None:
    rows = [(draft.influencer, draft.text) for draft in sample.drafts()]
    creators = [{"creator": f"@{handle}", "stored": list(texts)} for handle, texts in sample.posts().items()]
    drafts = [
        {
            "id": f"{number}",
            "creator": handle,
            "kind": "genuine" if own else "random_other",
            "label": int(own),
            "text": text,
        }
        for number, (handle, text) in enumerate(rows)
        for own in (number % 2 == 0,)
    ]
    for name, values in (("creators", creators), ("drafts", drafts)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, values)), "utf-8")
    result = json.loads(run(tmp_path, "eval", str(tmp_path), "--json").stdout)
    assert {"auc", "ece", "brier", "coverage", "accuracy_decided", "ms_per_draft", "calls", "tokens", "n"} <= set(
        result
    )
    assert set(result["auc"]) == {"random", "hard", "sponsored"}
    assert result["auc"]["hard"] is None
    assert result["n"] == len(rows)
    assert "AUC" in run(tmp_path, "eval", str(tmp_path)).stdout


def test_the_demo_shows_both_known_cases_and_exits(tmp_path: Path) -> None:
    done = run(tmp_path, "demo", "--once")
    assert done.returncode == 0, done.stderr
    for words in ("Does not fit", "just for money", "Fits", "equality", "/history search", "Approved by", "README.md"):
        assert words in done.stdout


async def test_the_bot_runs_as_a_process_and_ends_cleanly(tmp_path: Path) -> None:
    async with Sandbox.started() as sandbox:
        environment = {"CAMPAIGN_BOT_DISCORD__API_URL": sandbox.url, "DISCORD_TOKEN": "any", "PYTHONPATH": str(ROOT)}
        database = {"CAMPAIGN_BOT_DATABASE__PATH": str(tmp_path / "bot.sqlite3")}
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run",
            cwd=tmp_path, env={**os.environ, **environment, **database}, stderr=subprocess.PIPE,
        )  # fmt: skip
        await sandbox.connected(120)
        second = await asyncio.to_thread(lambda: run(tmp_path, "run", **environment, **database))
        assert second.returncode == 2
        assert "bot.sqlite3" in second.stderr
        sent = time.monotonic()
        bot.send_signal(signal.SIGTERM)
        _, errors = await asyncio.wait_for(bot.communicate(), 60)
        assert bot.returncode == 0, errors.decode()
        assert time.monotonic() - sent < 30
        assert b"any" not in errors.split()
