"""What the bot says of its own accord: answers, progress, news and reminders."""
