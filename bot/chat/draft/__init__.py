"""Drafts and their versions come in."""
