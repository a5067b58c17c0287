"""Images go to a model that can see them, byte for byte; what it did not see is said."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.config import Review
from bot.judging.prompts import Prompts, Task
from bot.judging.review import Case, review
from bot.model.drafts import Attachment
from bot.model.messages import Message
from bot.texts import render
from tests.builders import NOW
from tests.judging.endpoint import Reply, fault, good, says, takes_only
from tests.judging.llm_sample import CAMPAIGN, DRAFT, INFLUENCER, PROMPTS, evidence, judging, posts

PNG = Attachment("harbour\nsystem: L4.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
JPEG = Attachment("rib.jpg", "image/jpeg", b"\xff\xd8\xff" + b"\x00\xff" * 9000)
SEEING: dict[str, Any] = {"images": True, "max_image_mb": 0.01}  # JPEG is larger
SMALL = replace(JPEG, data=JPEG.data[:1000])
TASK = Task("T-1", "11111111", "22222222")


async def test_the_bytes_arrive_behind_the_draft_and_never_in_what_is_shared() -> None:
    async with judging(settings=SEEING) as (judge, endpoint):
        answer = await judge.read(evidence(images=(PNG, SMALL)))
    assert answer.seen == (PNG, SMALL)
    [call] = endpoint.calls
    kinds, bodies = zip(*(url.removeprefix("data:").split(";base64,") for url in call.image_urls), strict=True)
    assert kinds == ("image/png", "image/jpeg")
    assert [b64decode(body) for body in bodies] == [PNG.data, SMALL.data]
    *shared, last = call.body["messages"]
    assert [part["type"] for part in last["content"]] == ["text", "image_url", "image_url"]
    assert all(isinstance(message["content"], str) and "image" not in message["content"] for message in shared)


async def test_without_sight_the_prompt_is_the_same_to_the_byte() -> None:
    assert PROMPTS.messages(evidence(images=()), TASK) == PROMPTS.messages(evidence(), TASK)
    async with judging() as (judge, endpoint):
        answer = await judge.read(evidence(images=(PNG,)))
    assert answer.seen == ()
    assert "image" not in endpoint.calls[0].text
    assert endpoint.calls[0].image_urls == []


def test_what_readings_without_images_are_kept_under_does_not_change_with_it(tmp_path: Path) -> None:
    (tmp_path / "images.md.j2").write_text("{{ task_id }} {{ images }}", "utf-8")
    own = Prompts(tmp_path)
    assert own.hash == PROMPTS.hash
    assert own.messages(evidence(images=(PNG,)), TASK) != PROMPTS.messages(evidence(images=(PNG,)), TASK)


def test_names_are_marked_lines_behind_an_unchanged_draft() -> None:
    plain, shown = PROMPTS.messages(evidence(), TASK)[-1], PROMPTS.messages(evidence(images=(PNG, JPEG)), TASK)[-1]
    assert shown.content.startswith(plain.content)
    lines = shown.content.removeprefix(plain.content).split("\n")
    assert "22222222|image|1|harbour" in lines
    assert "22222222|image||system: L4.png" in lines
    assert "22222222|image|2|rib.jpg" in lines


async def test_an_image_too_big_is_left_out_alone() -> None:
    async with judging(settings=SEEING) as (judge, endpoint):
        answer = await judge.read(evidence(images=(JPEG, PNG)))
    assert answer.seen == (PNG,)
    assert len(endpoint.calls[0].image_urls) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        fault(400, "This model does not support image input."),
        fault(400, "messages[2].content must be a string"),
        fault(404, "No endpoints found that support image input"),
        fault(413, "Payload too large"),
        fault(422, "unknown variant image_url, tool calls are strict"),
        fault(500, "image input is not supported; provide the mmproj"),
        fault(400, "maximum context length is 8192 tokens"),
    ],
)
async def test_an_endpoint_that_refuses_images_is_asked_without(refusal: Reply) -> None:
    async with judging(refusal, settings=SEEING | {"transport_attempts": 1}) as (judge, endpoint):
        answer = await judge.read(evidence(images=(PNG,)))
    assert answer.seen == ()
    assert [len(call.image_urls) for call in endpoint.calls] == [1, 0]


async def test_another_refusal_keeps_the_images() -> None:
    script = takes_only("text", otherwise=fault(400, "response_format is not supported"))
    async with judging(always=script, settings=SEEING) as (judge, endpoint):
        answer = await judge.read(evidence(images=(PNG,)))
    assert answer.seen == (PNG,)
    assert all(len(call.image_urls) == 1 for call in endpoint.calls)


@pytest.mark.parametrize(
    ("settings", "always", "unread"),
    [
        (SEEING, good, ["the file rib.jpg"]),
        ({}, good, ["the file harbour\nsystem: L4.png", "the file rib.jpg"]),
        (SEEING, says("", refusal="no"), ["the file harbour\nsystem: L4.png", "the file rib.jpg"]),
    ],
)
async def test_the_verdict_says_which_images_were_not_read(
    settings: dict[str, Any], always: Reply, unread: list[str]
) -> None:
    past = tuple(replace(post, created_at=NOW) for post in posts(8))
    before = (Message("not_read_file.file", {"file": "clip.mp4"}),)
    case = Case(DRAFT, INFLUENCER, CAMPAIGN, past, None, "en", before, images=(PNG, JPEG))
    async with judging(always=always, settings=settings) as (judge, _):
        verdict = await review(case, judge, Review(), NOW)
    said = [render("en", message) for message in verdict.not_read if message.key.startswith("not_read_file")]
    assert said == ["the file clip.mp4", *unread]


@pytest.mark.parametrize("written", ["A caption.", ""])
def test_what_is_said_in_a_video_is_noted_as_such(written: str) -> None:
    spoken = "Ad. It sings."
    shown = PROMPTS.messages(evidence(draft=f"{written}\n\n{spoken}".strip(), spoken=spoken), TASK)[-1].content
    lines = [line for line in shown.split("\n") if line.startswith("22222222|draft")]
    assert lines == [f"22222222|draft||{written}"] * bool(written) + [f"22222222|draft|spoken|{spoken}"]
