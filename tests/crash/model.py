"""A model endpoint on loopback for crash runs: a draft always gets the same review, unless trouble is planned."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256

from aiohttp import web

from tests.judging.endpoint import Call, Endpoint, everywhere, fault, late, reset, review, says, serving, spoilt

LEVELS = ("L0", "L2", "L3", "L4")
HANGING = 3600.0  # seconds


async def steady(call: Call) -> web.StreamResponse:
    """A valid review whose levels follow from the draft's words alone."""
    draft = "\n".join(text for _, source, _, text in call.lines if source == "draft")
    level = LEVELS[sha256(draft.encode()).digest()[0] % len(LEVELS)]
    made = review(call)
    criterion = next(iter(made["criteria"].values())) | {"level": level}
    return await says(json.dumps(made | {"criteria": everywhere(criterion)}))(call)


TROUBLE = {
    "429": fault(429, "slow down", retry_after="0.2"),
    "500": fault(500),
    "broken JSON": spoilt("truncated"),
    "wrong shape": spoilt("missing field"),
    "hang": late(HANGING),
    "reset": reset,
}


@dataclass
class Model:
    """The endpoint and its mood. `seconds`: how long a review takes; `away`: every call is refused."""

    endpoint: Endpoint
    seconds: float = 0.0
    away: bool = False
    trouble: float = 0.0  # share of the calls that meet one of TROUBLE
    chance: random.Random = field(default_factory=random.Random)
    met: Counter[str] = field(default_factory=Counter)

    @property
    def url(self) -> str:
        return self.endpoint.url

    async def reply(self, call: Call) -> web.StreamResponse:
        self.endpoint.calls.clear()  # thousands of prompts are not to be kept
        if self.away:
            return await TROUBLE["500"](call)
        if self.chance.random() < self.trouble:
            kind = self.chance.choice(list(TROUBLE))
            self.met[kind] += 1
            return await TROUBLE[kind](call)
        await asyncio.sleep(self.seconds)
        self.met["answered"] += 1
        return await steady(call)


@asynccontextmanager
async def serving_model() -> AsyncIterator[Model]:
    async with serving() as endpoint:
        model = Model(endpoint)
        endpoint.always = model.reply
        yield model
