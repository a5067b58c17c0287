"""One request of the bot, as the REST handlers get it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.sandbox import messages
from bot.sandbox.errors import Json, refuse
from bot.sandbox.permissions import Permission, in_channel

if TYPE_CHECKING:
    from bot.sandbox.gateway import Gateway
    from bot.sandbox.messages import Upload
    from bot.sandbox.state import World


@dataclass(frozen=True)
class Call:
    """A parsed request: `path` holds the named segments, `uploads` the files by their index."""

    world: World
    gateway: Gateway
    path: dict[str, str]
    query: dict[str, str]
    body: Any
    uploads: dict[str, Upload]

    def guild(self) -> str:
        """The guild in the path. Raises 10004."""
        if self.path["guild"] not in self.world.guilds:
            raise refuse(10004)
        return self.path["guild"]

    def channel(self, needed: Permission | None = None) -> Json:
        """The channel in the path. Raises 10003, 50001 when the bot cannot see it, 50013 when it lacks `needed`."""
        channel = self.world.channels.get(self.path["channel"])
        if channel is None:
            raise refuse(10003)
        allowed = in_channel(self.world, channel, self.world.bot_id)
        if not allowed & Permission.VIEW_CHANNEL:
            raise refuse(50001)
        if needed and allowed & needed != needed:
            raise refuse(50013)
        return dict(channel)

    def message(self) -> Json:
        """The stored message in the path. Raises 10008, for a private one as well: only its token reaches it."""
        stored = messages.existing(self.world, self.path["message"], self.path["channel"])
        if stored["visible_to"] is not None:
            raise refuse(10008)
        return stored

    def may(self, channel: Json, needed: Permission) -> bool:
        return bool(in_channel(self.world, channel, self.world.bot_id) & needed)

    def filenames(self) -> list[str]:
        return [upload.filename for upload in self.uploads.values()]


Handler = Callable[[Call], Awaitable[Any]]  # returns the JSON answer; None is 204
Route = tuple[str, str, Handler]
