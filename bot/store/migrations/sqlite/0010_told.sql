-- 0010 told: how far each author knows what was decided, answered and found live. Ids, since clocks go back and writers overtake.

ALTER TABLE outbox ADD COLUMN told_decision INTEGER NOT NULL DEFAULT 0; -- the last decision; 0: none
ALTER TABLE outbox ADD COLUMN told_reply INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN told_published INTEGER NOT NULL DEFAULT 0;

UPDATE outbox SET
    told_decision = coalesce(
        (SELECT max(id) FROM decision WHERE revision_id = outbox.revision_id AND created_at <= delivered_at), 0),
    told_reply = coalesce(
        (SELECT max(id) FROM reply WHERE revision_id = outbox.revision_id AND created_at <= delivered_at), 0),
    told_published = coalesce((SELECT max(id) FROM published WHERE revision_id = outbox.revision_id), 0);
