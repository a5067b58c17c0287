"""The judge for when no model is configured: it measures, it does not read, and says so.

judge    the levels, each from a count or a measured likeness     facts  what is counted with
beliefs  past words that may speak against a draft
"""

from bot.judging.offline.judge import OfflineJudge

__all__ = ["OfflineJudge"]
