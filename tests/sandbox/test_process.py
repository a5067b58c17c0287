"""The process itself: its one line, its end, and what a kill leaves behind."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.sandbox.people import File, Sandbox
from tests.sandbox.conftest import running

ROOT = Path(__file__).parents[2]


def test_prints_one_line_and_ends_at_once_on_sigterm() -> None:
    command, pipe = [sys.executable, "-m", "bot.sandbox"], subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["gateway"] == ready["url"].replace("http://127.0.0.1", "ws://127.0.0.1") + "/gateway"
        process.terminate()
        rest = process.communicate(timeout=30)
    assert rest == (b"", b"")
    assert process.returncode == -signal.SIGTERM


def test_ends_when_the_one_who_started_it_is_gone() -> None:
    command = [sys.executable, "-m", "bot.sandbox", "--follow"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def test_importing_it_is_light() -> None:
    code = (
        "import sys, bot.sandbox.people, bot.sandbox.connect; print('discord' in sys.modules, 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


async def test_a_kill_loses_nothing(tmp_path: Path) -> None:
    async with Sandbox.started(state=tmp_path / "state.db", heartbeat_interval=200) as sandbox:
        mira = sandbox.person("mira")
        async with running(sandbox) as bot:
            draft = await mira.say("drafts", "<@1000> one?", attachments=[File("a.txt", b"words")])
            kept = await mira.slash("keep")
            await sandbox.until(lambda: bot.kept)
            assert bot.kept is not None
            await bot.kept.response.defer(ephemeral=True)
            channel = bot.get_partial_messageable(int(draft.channel_id))
            sent = await channel.send("two", nonce="n")
            commands = await sandbox.ask("registered")
            record = await sandbox.record()

            await sandbox.kill()
            await sandbox.start()

            assert (await mira.sees())[0].content == "<@1000> one?"
            assert await sandbox.file((await mira.sees())[0].data["attachments"][0]) == b"words"
            assert (await channel.send("two", nonce="n")).id == sent.id
            await bot.kept.edit_original_response(content="after the crash")
            assert (await kept.finished()).content == "after the crash"
            assert await sandbox.ask("registered") == commands
            assert (await sandbox.record())[: len(record)] == record
            assert (await sandbox.configure())["heartbeat_interval"] == 200


async def test_without_a_file_it_starts_empty_again() -> None:
    async with Sandbox.started() as sandbox:
        await sandbox.person("mira").say("drafts", "hello")
        await sandbox.kill()
        await sandbox.start()
        assert await sandbox.person("mira").sees() == []


async def test_a_sandbox_that_cannot_start_says_so(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="did not start"):
        async with asyncio.timeout(60), Sandbox.started(state=tmp_path / "missing" / "state.db"):
            pass
