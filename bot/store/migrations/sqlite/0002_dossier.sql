-- 0002 dossier: what a model noted of each chunk of a long history, so that it is read once only.
--
-- A chunk is named by a hash over its posts: what changes there makes another chunk. prompt_hash and model name what
-- the notes were made with.

CREATE TABLE dossier_chunk (
    influencer_id INTEGER NOT NULL REFERENCES influencer (id) ON DELETE CASCADE,
    chunk_sha256 TEXT NOT NULL,
    prompt_hash TEXT NOT NULL,
    model TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (influencer_id, chunk_sha256, prompt_hash, model)
) STRICT;
