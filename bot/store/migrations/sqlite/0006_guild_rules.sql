-- 0006 guild rules: a server's own disclosure rules, beside the shipped ones.
--
-- label_key is the label folded for comparison; as_of is a JSON date, the day the rule was set down.

CREATE TABLE guild_rule (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL REFERENCES guild (id) ON DELETE CASCADE,
    country TEXT NOT NULL,
    label TEXT NOT NULL,
    label_key TEXT NOT NULL,
    status TEXT NOT NULL,
    language TEXT NOT NULL,
    source TEXT NOT NULL,
    as_of TEXT NOT NULL,
    added_by INTEGER NOT NULL,
    UNIQUE (guild_id, country, label_key)
) STRICT;
