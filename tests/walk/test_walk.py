"""Each scene of the walk, against the real bot. `python -m tests.walk` prints what happens in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.sandbox.people import Sandbox
from tests.walk.scenes import BARE, SCENES, Scene
from tests.walk.stage import Stage


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
async def test_scene(sandbox: Sandbox, tmp_path: Path, scene: Scene) -> None:
    async with Stage.opened(sandbox, tmp_path, furnished=scene not in BARE) as stage:
        await scene(stage)
        assert len(stage.transcript) > 10
