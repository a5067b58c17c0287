-- 0005 turns: guilds, and the people within one, take turns at being judged; how much came in of late is counted.

ALTER TABLE revision ADD COLUMN claimed_at INTEGER; -- when its guild and author last had their turn through it

CREATE INDEX revision_of_guild ON revision (guild_id, state, due, id);
CREATE INDEX revision_by_turn ON revision (guild_id, claimed_at);
CREATE INDEX revision_by_age ON revision (guild_id, audience, created_at);
