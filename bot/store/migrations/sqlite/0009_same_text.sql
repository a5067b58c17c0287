-- 0009 same text: every card asks whether the very text was judged before.

CREATE INDEX revision_of_text ON revision (sha256);
