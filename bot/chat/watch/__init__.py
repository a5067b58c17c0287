"""Channels that are read without anybody addressing the bot."""
