"""What the check of all calls finds, and that it looks at each of them once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sandbox.conformance import description
from tests.traffic import Traffic

PATH = description()


def line(content: str) -> bytes:
    call = {"method": "POST", "path": "/channels/4/messages", "body": {"content": content}, "files": {}}
    return json.dumps(call | {"status": None, "answer": None, "fault": None}).encode() + b"\n"


@pytest.mark.skipif(PATH is None, reason="Discord's openapi.json is not at hand")
def test_each_call_is_looked_at_once_as_soon_as_it_is_written(tmp_path: Path) -> None:
    assert PATH is not None
    traffic, file = Traffic(tmp_path, PATH), tmp_path / "1.jsonl"
    assert traffic.problems() == []
    wrong = line("x" * 2001)
    file.write_bytes(line("fine") + wrong[:-20])
    assert (traffic.problems(), traffic.checked) == ([], 1)
    file.write_bytes(line("fine") + wrong)
    assert "Must be 2000 or fewer" in traffic.problems()[0]
    assert (traffic.problems(), traffic.checked) == ([], 2)
    (tmp_path / "2.jsonl").write_bytes(wrong)
    traffic.skip()
    assert (traffic.problems(), traffic.checked) == ([], 2)
