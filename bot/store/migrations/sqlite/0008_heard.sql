-- 0008 heard: how long the bot has heard all that is said in a server.

ALTER TABLE guild ADD COLUMN heard_until INTEGER; -- microseconds since 1970; null: never yet
