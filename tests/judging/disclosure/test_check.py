"""The table of cases: each text comes out as listed, in its jurisdictions."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bot.judging.disclosure.check import Disclosure, check

CASES = Path(__file__).with_name("cases.txt")
_LINE = re.compile(r'(\S+) ("(?:[^"\\]|\\.)*")((?: \S+=\S+)*) ([A-Z_]+)(?: (\w+))?')


class Case(NamedTuple):
    line: int
    countries: list[str]
    text: str
    options: dict[str, Any]
    outcome: str
    detail: str | None

    def run(self) -> Disclosure:
        return check(self.text, countries=self.countries, **{"format": "photo", "brand": "Acme"} | self.options)


def read_cases() -> list[Case]:
    cases = []
    for number, line in enumerate(CASES.read_text("utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        assert found, f"{CASES.name}:{number}: {line}"
        text = re.sub(r"\{x(\d+)\}", lambda times: "x" * int(times[1]), json.loads(found[2]))
        options = dict(option.split("=", 1) for option in found[3].split())
        cases.append(Case(number, found[1].split("+"), text, _typed(options), found[4], found[5]))
    return cases


def _typed(options: dict[str, str]) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for key, value in options.items():
        if key == "lang":
            typed["audience_languages"] = value.split(",")
        elif key == "tool":
            typed["tool"] = value == "1"
        elif key == "day":
            typed["as_of"] = date.fromisoformat(value)
        elif key == "aka":
            typed["brand_aliases"] = value.split(",")
        elif key == "overlay":
            typed["overlay_text"] = [frame.replace("_", " ") for frame in value.split("/")]
        elif key == "spoken":
            typed["spoken_text"] = value.replace("_", " ")
        else:
            typed[key] = value
    return typed


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: f"line {case.line}")
def test_case(case: Case) -> None:
    found = case.run()
    assert found.outcome == case.outcome, found.results
    if case.detail is not None:
        assert found.worst is not None
        assert found.worst.detail == case.detail
