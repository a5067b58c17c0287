"""A long history on the command line: a real process, a loopback endpoint, and nothing but JSON on standard output."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from bot import sample
from tests.judging.dossier_sample import is_about_chunk, long_history, noting
from tests.judging.endpoint import serving

ROOT = Path(__file__).parent.parent
DRAFT = sample.drafts()[0]


async def run(folder: Path, *arguments: str) -> tuple[str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", *arguments),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode(), err.decode()


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_the_cost_of_a_dossier_is_told_once_and_apart_from_the_verdict(tmp_path: Path, language: str) -> None:
    posts = tmp_path / "posts.jsonl"
    rows = (
        {"id": one.id, "text": one.text, "created_at": one.created_at.isoformat()}
        for one in long_history(300)
        if one.created_at
    )
    posts.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    (tmp_path / "draft.txt").write_text(DRAFT.text, "utf-8")
    review = (
        "review",
        "draft.txt",
        "--influencer",
        "@quay",
        "--campaign",
        DRAFT.campaign,
        "--json",
        "--language",
        language,
    )
    async with serving(always=noting()) as endpoint:
        config = f'[llm]\nbase_url = "{endpoint.url}"\nmodel = "reader-1"\n[review]\nhistory_tokens = 8000\n'
        (tmp_path / "config.toml").write_text(config, "utf-8")
        await run(tmp_path, "load", str(sample.workspace()))
        await run(tmp_path, "import", str(posts), "--influencer", "@quay", "--new")
        first, told = await run(tmp_path, *review, "--now", "2022-12-31")
        asked = sum(map(is_about_chunk, endpoint.calls))
        second, silence = await run(tmp_path, *review, "--now", "2022-12-31")
    assert json.loads(first)["judge"]["dossier_calls"] == asked == sum(map(is_about_chunk, endpoint.calls)) >= 2
    assert json.loads(second)["judge"]["dossier_calls"] == 0
    assert len(told.splitlines()) == asked + 1
    assert str(asked) in told.splitlines()[0]
    assert silence == ""
