from __future__ import annotations

import json
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Llm
from bot.judging.llm.asking import Asking, LimitName
from bot.judging.llm.form import MAX_ERRORS, WrongShape
from bot.judging.llm.ladder import Ladder, Rung
from bot.judging.llm.reply import Cause, cause_of, read_models, read_reply
from bot.judging.llm.schema import REVIEW
from bot.judging.prompts import ChatMessage, Task
from bot.model.verdicts import CriterionKey

TASK = Task("T-0a1b2c3d", "11aa22bb", "33cc44dd")


def review(**changes: Any) -> dict[str, Any]:
    criterion = {"evidence": [], "reasoning": "none", "level": "abstain"}
    return {
        "task_id": TASK.id,
        "injection_observed": False,
        "injection_quote": "",
        "deciding": [],
        "criteria": {key.value: criterion for key in CriterionKey},
        "edits": [],
        "questions": [],
        **changes,
    }


def nodes(node: Any) -> list[dict[str, Any]]:
    found = [node] if isinstance(node, dict) else []
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        found += nodes(child)
    return found


def test_the_schema_keeps_to_what_strict_endpoints_take() -> None:
    schema = REVIEW.schema
    assert "anyOf" not in schema
    for node in nodes(schema):
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])
        assert not {"minimum", "maximum", "maxItems", "minItems", "title", "default", "format"} & node.keys()
    assert list(schema["properties"]) == list(review())
    assert list(schema["$defs"]["Criteria"]["properties"]) == [key.value for key in CriterionKey]
    assert not {"outcome", "verdict"} & {key for node in nodes(schema) for key in node}


def test_one_task_id_alone_is_allowed_where_the_schema_may_differ_by_call() -> None:
    assert REVIEW.pinned(TASK.id)["properties"]["task_id"] == {"type": "string", "enum": [TASK.id]}
    assert REVIEW.schema["properties"]["task_id"] == {"type": "string"}
    assert list(REVIEW.pinned(TASK.id)["properties"]) == list(REVIEW.schema["properties"])


@given(st.data())
def test_any_one_thing_left_out_or_of_another_kind_is_an_error(data: st.DataObject) -> None:
    whole = json.loads(json.dumps(review(edits=[{"draft_quote": "a", "suggestion": "b", "why": "c"}])))
    place = data.draw(st.sampled_from([node for node in nodes(whole) if node]))
    key = data.draw(st.sampled_from(sorted(place)))
    if data.draw(st.booleans()):
        del place[key]
    else:
        place[key] = data.draw(st.sampled_from([None, 4, {"also": 1}, [[]]]))
    with pytest.raises(WrongShape):
        REVIEW.parse(json.dumps(whole), TASK)


@given(st.text(max_size=60))
def test_any_text_around_an_answer_is_survived(around: str) -> None:
    assert REVIEW.parse(f"{around.replace('{', '(')} {json.dumps(review())}", TASK).task_id == TASK.id


@given(st.text(st.sampled_from('{}[]":,a1 \\')))
def test_any_other_text_is_a_wrong_shape(text: str) -> None:
    with pytest.raises(WrongShape):
        REVIEW.parse(text, TASK)


@pytest.mark.parametrize("text", ["{" * 200_000, '{"a":' * 100_000, "[" * 100_000, "\ud800", '{"task_id": "\\ud800"}'])
def test_monstrous_answers_are_refused_quickly(text: str) -> None:
    started = perf_counter()
    with pytest.raises(WrongShape) as wrong:
        REVIEW.parse(text, TASK)
    assert perf_counter() - started < 1
    assert 1 <= len(wrong.value.errors) <= MAX_ERRORS


def test_faults_are_named_by_pointer_and_hold_no_word_of_the_answer() -> None:
    wrong = review(secret="obey me")
    wrong["criteria"]["voice_match"] = {"evidence": [{"obey": 1}], "reasoning": 7, "level": "obey"}
    with pytest.raises(WrongShape) as found:
        REVIEW.parse(json.dumps(wrong), TASK)
    assert any(error.startswith("/criteria/voice_match/evidence/0/source:") for error in found.value.errors)
    assert any(error.startswith("/criteria/voice_match/level:") for error in found.value.errors)
    assert "obey" not in " ".join(found.value.errors)
    assert "secret" not in " ".join(found.value.errors)


@pytest.mark.parametrize(
    ("status", "complaint", "cause"),
    [
        (400, "None response_format This response_format type is unavailable now", Cause.NO_CAPABILITY),
        (400, "None None registry/small:1b does not support tools", Cause.NO_CAPABILITY),
        (404, "No endpoints found that support tool_choice", Cause.NO_CAPABILITY),
        (422, "response_format.json_schema: extra inputs are not permitted", Cause.NO_CAPABILITY),
        (400, 'Either "json_schema" or "grammar" can be specified, but not both', Cause.NO_CAPABILITY),
        (404, "model_not_found model The model `function-9b` does not exist", Cause.UNKNOWN_MODEL),
        (422, "['body', 'max_completion_tokens'] Extra inputs are not permitted", Cause.LIMIT_NAME),
        (400, "context_length_exceeded messages", Cause.TOO_LONG),
        (429, "insufficient_quota", Cause.QUOTA),
        (402, "credits", Cause.QUOTA),
        (403, "strict", Cause.KEY_REFUSED),
        (529, "overloaded", Cause.BROKEN),
        (400, "bad", Cause.REFUSED),
        (405, "method", Cause.REFUSED),
    ],
)
def test_what_endpoints_complain_of_is_understood(status: int, complaint: str, cause: Cause) -> None:
    assert cause_of(status, complaint) is cause


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"choices": []}', b'{"choices": [{}]}', b"<html>", b"\xff"])
def test_what_is_no_completion_is_no_api(body: bytes) -> None:
    assert read_reply(body).failure is Cause.NO_API


def test_a_reply_with_the_bare_minimum_is_read() -> None:
    reply = read_reply(b'{"choices": [{"message": {"content": "hello"}}], "usage": {"prompt_tokens": null}}')
    assert (reply.text, reply.failure, reply.prompt_tokens) == ("hello", None, 0)


@pytest.mark.parametrize("arguments", ['{"a": 1}', {"a": 1}])
def test_a_functions_arguments_are_read_as_text_or_object(arguments: Any) -> None:
    call = {"function": {"name": "submit_review", "arguments": arguments}}
    body = {"choices": [{"message": {"content": "thinking", "tool_calls": [call]}}]}
    assert read_reply(json.dumps(body).encode()).text == '{"a": 1}'


@pytest.mark.parametrize(("body", "names"), [(b'{"data": [{"id": "b"}, {"id": "a"}]}', ("a", "b")), (b"<html>", ())])
def test_model_names_are_read_or_none(body: bytes, names: tuple[str, ...]) -> None:
    assert read_models(body) == names


def test_where_prompts_are_kept_by_key_nothing_before_the_draft_differs() -> None:
    def requests(cache_key: str) -> list[dict[str, Any]]:
        tasks = (TASK, Task("T-11111111", TASK.history_mark, "55ee66ff"))
        askings = [
            Asking(
                task,
                REVIEW,
                lambda _: [ChatMessage("system", "s")],
                Llm(model="m"),
                Rung.JSON_SCHEMA,
                LimitName.NEW,
                cache_key,
            )
            for task in tasks
        ]
        return [asking.request() for asking in askings]

    kept, other = requests("key"), requests("")
    assert kept[0] == kept[1]
    assert kept[0]["prompt_cache_key"] == "key"
    assert kept[0]["max_completion_tokens"] == 4000
    assert other[0] != other[1]
    assert "prompt_cache_key" not in other[0]


def test_many_calls_that_meet_one_refusal_take_one_step() -> None:
    ladder, seen = Ladder(), []
    for refused in (Rung.JSON_SCHEMA, Rung.JSON_SCHEMA, Rung.FUNCTION, Rung.JSON_SCHEMA, Rung.JSON_OBJECT, Rung.TEXT):
        ladder.step_below(refused)
        seen.append(ladder.rung)
    assert seen == [Rung.FUNCTION, Rung.FUNCTION, Rung.JSON_OBJECT, Rung.JSON_OBJECT, Rung.TEXT, Rung.JSON_SCHEMA]
