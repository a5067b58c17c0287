"""Planned failures of the HTTP side, and rate limits when they are switched on."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.sandbox.errors import RefusedError

if TYPE_CHECKING:
    from bot.sandbox.errors import Json

AFTER = {"reset_after", "500_after", "delay_after", "half_after"}  # the request takes effect before the failure
KINDS = {"reset_before", "429_global", "delay", *AFTER}  # besides the statuses themselves


@dataclass
class Fault:
    """What happens to the next `count` requests whose path holds `path`, after letting `skip` of them pass.

    kind: a status ("429", "500", "503", ...), "429_global", "reset_before" or "reset_after" the request took effect,
    "500_after" it did, "half_after" it did, answered by half of a JSON text, "delay" (the request takes effect after
    `seconds`) or "delay_after" (the answer comes after `seconds`). For the two 429 `seconds` is the retry_after.
    """

    kind: str
    path: str = ""
    method: str = ""
    count: int = 1
    skip: int = 0
    seconds: float = 0.05

    def __post_init__(self) -> None:
        if self.kind not in KINDS and not (self.kind.isdigit() and 400 <= int(self.kind) <= 599):
            raise RefusedError(f"There is no fault {self.kind!r}; there are {sorted(KINDS)} and the statuses 400-599.")


@dataclass
class Faults:
    """The planned failures, oldest first."""

    planned: list[Fault] = field(default_factory=list)

    def take(self, method: str, path: str) -> Fault | None:
        """The failure meant for this request, counted down."""
        for fault in self.planned:
            if fault.path not in path or fault.method not in {"", method}:
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.count -= 1
            if fault.count <= 0:
                self.planned.remove(fault)
            return fault
        return None


def too_many(seconds: float, scope: str = "user") -> tuple[Json, dict[str, str]]:
    """Body and headers of a 429; without `Via` the client takes it for a ban by the network in front of Discord."""
    body = {"message": "You are being rate limited.", "retry_after": seconds, "global": scope == "global", "code": 0}
    return body, {"Via": "1.1 google", "X-RateLimit-Scope": scope, "Retry-After": str(max(1, round(seconds)))}


@dataclass
class Buckets:
    """Fixed windows of one second for each bucket."""

    windows: dict[str, tuple[float, int]] = field(default_factory=dict)

    def count(self, bucket: str, limit: int) -> tuple[bool, dict[str, str]]:
        """Count one request; returns whether it is within the limit, and Discord's headers."""
        now = time.monotonic()
        began, used = self.windows.get(bucket, (now, 0))
        if now - began >= 1:
            began, used = now, 0
        used += 1
        self.windows[bucket] = (began, used)
        left = 1 - (now - began)
        return used <= limit, {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - used)),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": bucket,
        }
