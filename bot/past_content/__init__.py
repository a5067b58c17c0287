"""Past content: files that people hand over, turned into `PastPost` values one by one. One module a format."""
