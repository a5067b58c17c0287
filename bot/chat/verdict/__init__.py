"""A verdict as people see it: its card, its evidence, and what they can do with it."""
