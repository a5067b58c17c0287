-- 0007 own posts: those that a person gave to the team, so that they can be taken back.
--
-- The person's own copy stands in their own workspace, with owner_id set; the team's copy names the giver.

ALTER TABLE post ADD COLUMN given_by INTEGER; -- null: the team brought it in itself

CREATE INDEX post_given ON post (given_by) WHERE given_by IS NOT NULL;
