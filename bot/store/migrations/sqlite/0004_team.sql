-- 0004 team: how a server is set up, which person an influencer is, batches, what people say of a verdict, live texts.

ALTER TABLE guild ADD COLUMN countries TEXT NOT NULL DEFAULT '[]'; -- checked beside those of each campaign
ALTER TABLE guild ADD COLUMN decider_roles TEXT NOT NULL DEFAULT '[]'; -- role ids; none: who may manage messages
ALTER TABLE guild ADD COLUMN drafts_channel_id INTEGER; -- where drafts are posted
ALTER TABLE guild ADD COLUMN retention_days INTEGER NOT NULL DEFAULT 0; -- of drafts and verdict texts; 0: kept

ALTER TABLE campaign ADD COLUMN decide_within_hours INTEGER NOT NULL DEFAULT 0; -- after the verdict; 0: no deadline

ALTER TABLE influencer ADD COLUMN forgotten_at INTEGER; -- texts and names are gone, numbers stay

-- Posts that the influencer imported for self-checks alone; null: the team may use it.
ALTER TABLE post ADD COLUMN owner_id INTEGER;

-- Which person an influencer is: asked for by the person, confirmed by the team.
CREATE TABLE account_link (
    guild_id INTEGER NOT NULL,
    influencer_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    user_name TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    confirmed_by INTEGER,
    confirmed_at INTEGER, -- null: waits
    PRIMARY KEY (guild_id, influencer_id, user_id),
    FOREIGN KEY (guild_id, influencer_id) REFERENCES influencer (guild_id, id) ON DELETE CASCADE
) STRICT;

CREATE INDEX account_link_of_user ON account_link (user_id);

-- Channels whose every message is a draft, and how far they were read.
CREATE TABLE watched_channel (
    channel_id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL REFERENCES guild (id) ON DELETE CASCADE,
    campaign_id INTEGER, -- null: the message names it
    last_seen_id INTEGER NOT NULL,
    FOREIGN KEY (guild_id, campaign_id) REFERENCES campaign (guild_id, id) ON DELETE CASCADE
) STRICT;

-- Several drafts sent together, answered by one card.
CREATE TABLE batch (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL REFERENCES guild (id) ON DELETE CASCADE,
    source_key TEXT NOT NULL, -- the event it came by
    author_id INTEGER NOT NULL,
    author_name TEXT NOT NULL,
    answer TEXT NOT NULL,
    message_id INTEGER, -- of the card
    finished_at INTEGER, -- the card shows the end
    created_at INTEGER NOT NULL,
    UNIQUE (guild_id, source_key)
) STRICT;

CREATE INDEX batch_running ON batch (id) WHERE finished_at IS NULL;

CREATE TABLE batch_item (
    batch_id INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
    position INTEGER NOT NULL, -- from 0
    label TEXT NOT NULL, -- how the sender would know it: file name, row
    revision_id INTEGER REFERENCES revision (id) ON DELETE CASCADE,
    problem TEXT NOT NULL DEFAULT 'null', -- why it is no draft
    PRIMARY KEY (batch_id, position)
) STRICT;

CREATE INDEX batch_item_of_revision ON batch_item (revision_id);

-- What the person a finding is about answered to it.
CREATE TABLE reply (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    revision_id INTEGER NOT NULL REFERENCES verdict (revision_id) ON DELETE CASCADE,
    criterion TEXT NOT NULL, -- empty: to the whole verdict
    person_id INTEGER NOT NULL,
    person_name TEXT NOT NULL,
    text TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX reply_of_revision ON reply (revision_id, id);

-- Live texts as somebody brought them in, each compared with the approved revision.
CREATE TABLE published (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    revision_id INTEGER NOT NULL REFERENCES verdict (revision_id) ON DELETE CASCADE,
    person_id INTEGER NOT NULL,
    person_name TEXT NOT NULL,
    text TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    result TEXT NOT NULL, -- same, changed, label_lost
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX published_of_revision ON published (revision_id, id);

-- Reminders of a decision that is due, each sent once.
CREATE TABLE reminder (
    revision_id INTEGER PRIMARY KEY REFERENCES verdict (revision_id) ON DELETE CASCADE,
    sent_at INTEGER NOT NULL
) STRICT;
