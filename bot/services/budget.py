"""What readings cost by the prices of the settings, and whether a server may have more of them this month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from bot.config import Llm
from bot.errors import JudgeUnavailable
from bot.judging.answer import Answer, Judge
from bot.judging.evidence import Evidence
from bot.model.verdicts import Reading
from bot.store.spend import Spend

MICRO = 10**6  # of the currency: the unit costs are counted in


@dataclass(frozen=True, slots=True)
class Budget:
    settings: Llm

    def charges(self, readings: Iterable[Reading]) -> dict[str, Spend]:
        """What `readings` come to, by model."""
        charges: defaultdict[str, Spend] = defaultdict(Spend)
        for one in readings:
            tokens = (one.prompt_tokens, one.cached_tokens, one.completion_tokens)
            charges[one.model] += Spend(one.calls, *tokens, self._cost(one))
        return dict(charges)

    def _cost(self, reading: Reading) -> int | None:
        """In millionths: a price for a million tokens is as many of them for one token."""
        prices = self.settings
        if prices.price_prompt is None or prices.price_completion is None:
            return None
        price_cached = prices.price_prompt if prices.price_cached is None else prices.price_cached
        cached = min(reading.cached_tokens, reading.prompt_tokens)
        read = (reading.prompt_tokens - cached) * prices.price_prompt + cached * price_cached
        return round(read + reading.completion_tokens * prices.price_completion)

    def is_used_up(self, spent: Spend) -> bool:
        """Whether a server that spent so much this month has reached a cap."""
        caps = self.settings
        by_tokens = 0 < caps.monthly_tokens <= spent.tokens
        return by_tokens or 0 < caps.monthly_cost * MICRO <= (spent.cost or 0)


class Metered:
    """A judge for one draft that keeps what was read with it, whatever becomes of the verdict."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self.readings: list[Reading] = []

    @property
    def kind(self) -> str:
        return self._judge.kind

    @property
    def model(self) -> str:
        return self._judge.model

    @property
    def prompt_hash(self) -> str:
        return self._judge.prompt_hash

    async def read(self, evidence: Evidence) -> Answer:
        try:
            answer = await self._judge.read(evidence)
        except JudgeUnavailable as gone:
            self.readings += gone.spent
            raise
        self.readings += answer.readings
        return answer
