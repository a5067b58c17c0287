"""Everything that lasts: one SQLite file, opened with `database.open_store`, one module an aggregate."""
