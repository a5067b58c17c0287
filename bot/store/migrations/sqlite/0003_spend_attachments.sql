-- 0003 spend, attachments: what each guild's model calls cost a month, and what came with a draft beside its words.

-- month is '2026-11', in UTC. cost is in millionths of the currency that the prices of the settings are in; null: of no
-- call was the price known.
CREATE TABLE spend (
    guild_id INTEGER NOT NULL,
    month TEXT NOT NULL,
    model TEXT NOT NULL,
    calls INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL, -- cached ones among them
    cached_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    cost INTEGER,
    PRIMARY KEY (guild_id, month, model)
) STRICT;

CREATE INDEX spend_by_month ON spend (month, guild_id);

ALTER TABLE revision ADD COLUMN spoken TEXT NOT NULL DEFAULT ''; -- what is said in the video, from its subtitles

-- Files as they were when the draft came in. The bytes stand last, so that the rest is read without them.
CREATE TABLE attachment (
    revision_id INTEGER NOT NULL REFERENCES revision (id) ON DELETE CASCADE,
    number INTEGER NOT NULL, -- 1, 2, ... as sent
    name TEXT NOT NULL,
    content_type TEXT NOT NULL, -- by its bytes
    sha256 TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (revision_id, number)
) STRICT;
