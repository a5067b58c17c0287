-- 0001 initial: guilds, the library, past posts, drafts on their way, verdicts, answers to deliver, decisions.
--
-- Times are whole microseconds since 1970 in UTC. *_key and folded hold text folded for comparison (store/search.py).
-- audience is 'team' or 'private:<user id>'; it is part of the keys, so that numbers and duplicates of one audience
-- tell nothing about another.

CREATE TABLE guild (
    id INTEGER PRIMARY KEY,
    language TEXT NOT NULL -- empty: not chosen
) STRICT;

CREATE TABLE brand (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL REFERENCES guild (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    handle TEXT,
    about TEXT NOT NULL,
    category TEXT NOT NULL,
    aliases TEXT NOT NULL,
    category_words TEXT NOT NULL,
    competitors TEXT NOT NULL,
    claims TEXT NOT NULL,
    "values" TEXT NOT NULL,
    UNIQUE (guild_id, name_key),
    UNIQUE (guild_id, id)
) STRICT;

CREATE TABLE campaign (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    brand_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    goal TEXT NOT NULL,
    brief TEXT NOT NULL,
    must_say TEXT NOT NULL,
    countries TEXT NOT NULL,
    platform TEXT NOT NULL,
    format TEXT NOT NULL,
    relation TEXT NOT NULL,
    UNIQUE (guild_id, name_key),
    UNIQUE (guild_id, id),
    FOREIGN KEY (guild_id, brand_id) REFERENCES brand (guild_id, id) ON DELETE CASCADE
) STRICT;

CREATE TABLE influencer (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL REFERENCES guild (id) ON DELETE CASCADE,
    handle TEXT NOT NULL,
    handle_key TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    language TEXT NOT NULL,
    country TEXT,
    platform TEXT NOT NULL,
    followers INTEGER,
    history_version INTEGER NOT NULL DEFAULT 0, -- counts the imports that changed something a judge may read
    UNIQUE (guild_id, handle_key),
    UNIQUE (guild_id, id)
) STRICT;

CREATE TABLE post (
    key INTEGER PRIMARY KEY AUTOINCREMENT, -- import order
    influencer_id INTEGER NOT NULL REFERENCES influencer (id) ON DELETE CASCADE,
    id TEXT NOT NULL, -- the platform's
    platform TEXT NOT NULL,
    text TEXT NOT NULL,
    folded TEXT NOT NULL,
    created_at INTEGER,
    url TEXT,
    kind TEXT NOT NULL,
    language TEXT,
    sponsored INTEGER,
    likes INTEGER,
    comments INTEGER,
    UNIQUE (influencer_id, platform, id)
) STRICT;

CREATE INDEX post_by_age ON post (influencer_id, created_at, key);

CREATE VIRTUAL TABLE post_search USING fts5 (folded, content = 'post', content_rowid = 'key', tokenize = 'trigram');

CREATE TRIGGER post_search_insert AFTER INSERT ON post BEGIN
    INSERT INTO post_search (rowid, folded) VALUES (new.key, new.folded);
END;

CREATE TRIGGER post_search_delete AFTER DELETE ON post BEGIN
    INSERT INTO post_search (post_search, rowid, folded) VALUES ('delete', old.key, old.folded);
END;

CREATE TRIGGER post_search_update AFTER UPDATE OF folded ON post BEGIN
    INSERT INTO post_search (post_search, rowid, folded) VALUES ('delete', old.key, old.folded);
    INSERT INTO post_search (rowid, folded) VALUES (new.key, new.folded);
END;

CREATE TABLE draft (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    influencer_id INTEGER NOT NULL,
    campaign_id INTEGER NOT NULL,
    author_id INTEGER NOT NULL,
    author_name TEXT NOT NULL,
    audience TEXT NOT NULL,
    format TEXT NOT NULL, -- caption, video, story; empty: the campaign's
    created_at INTEGER NOT NULL,
    UNIQUE (guild_id, audience, id),
    FOREIGN KEY (guild_id, influencer_id) REFERENCES influencer (guild_id, id) ON DELETE CASCADE,
    FOREIGN KEY (guild_id, campaign_id) REFERENCES campaign (guild_id, id) ON DELETE CASCADE
) STRICT;

CREATE INDEX draft_of_influencer ON draft (influencer_id);
CREATE INDEX draft_of_campaign ON draft (campaign_id);

CREATE TABLE revision (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice: nonces and jobs are made from it
    guild_id INTEGER NOT NULL,
    audience TEXT NOT NULL,
    draft_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    source_key TEXT NOT NULL, -- the event it came by
    text TEXT NOT NULL,
    folded TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    not_read TEXT NOT NULL,
    answer TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, -- claims
    failures INTEGER NOT NULL DEFAULT 0, -- claims that ended badly through the draft or the program, outages apart
    due INTEGER NOT NULL,
    why TEXT NOT NULL DEFAULT '', -- what went wrong last
    told TEXT NOT NULL DEFAULT '', -- what its author was told while there was no verdict: '', 'waiting', 'failed'
    created_at INTEGER NOT NULL,
    UNIQUE (draft_id, number),
    UNIQUE (guild_id, audience, source_key),
    UNIQUE (guild_id, audience, id),
    FOREIGN KEY (guild_id, audience, draft_id) REFERENCES draft (guild_id, audience, id) ON DELETE CASCADE
) STRICT;

CREATE INDEX revision_by_state ON revision (state, due, id);

CREATE VIRTUAL TABLE revision_search
USING fts5 (folded, content = 'revision', content_rowid = 'id', tokenize = 'trigram');

CREATE TRIGGER revision_search_insert AFTER INSERT ON revision BEGIN
    INSERT INTO revision_search (rowid, folded) VALUES (new.id, new.folded);
END;

CREATE TRIGGER revision_search_delete AFTER DELETE ON revision BEGIN
    INSERT INTO revision_search (revision_search, rowid, folded) VALUES ('delete', old.id, old.folded);
END;

CREATE TRIGGER revision_search_update AFTER UPDATE OF folded ON revision BEGIN
    INSERT INTO revision_search (revision_search, rowid, folded) VALUES ('delete', old.id, old.folded);
    INSERT INTO revision_search (rowid, folded) VALUES (new.id, new.folded);
END;

CREATE TABLE verdict (
    revision_id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    audience TEXT NOT NULL,
    number INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (guild_id, audience, number),
    FOREIGN KEY (guild_id, audience, revision_id) REFERENCES revision (guild_id, audience, id) ON DELETE CASCADE
) STRICT;

CREATE INDEX verdict_by_age ON verdict (guild_id, audience, created_at);

-- The last number given to each audience. Kept apart, so that a number is not given again after an erasure.
CREATE TABLE verdict_counter (
    guild_id INTEGER NOT NULL,
    audience TEXT NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (guild_id, audience)
) STRICT;

CREATE TABLE outbox (
    revision_id INTEGER PRIMARY KEY REFERENCES verdict (revision_id) ON DELETE CASCADE,
    nonce TEXT NOT NULL UNIQUE,
    attempts INTEGER NOT NULL DEFAULT 0,
    due INTEGER, -- null: delivered or given up
    why TEXT NOT NULL DEFAULT '',
    delivered_at INTEGER,
    channel_id INTEGER,
    message_id INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX outbox_waiting ON outbox (due) WHERE due IS NOT NULL;

CREATE TABLE decision (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    revision_id INTEGER NOT NULL REFERENCES verdict (revision_id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    person_id INTEGER NOT NULL,
    person_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX decision_of_revision ON decision (revision_id, id);
