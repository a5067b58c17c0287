"""Gets received revisions judged: when, how many at once, and what happens when that goes wrong."""
