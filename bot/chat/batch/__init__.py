"""Several drafts at once: taken in, counted on one card, and listed."""
