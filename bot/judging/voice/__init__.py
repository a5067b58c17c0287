"""Voice likeness without a model: how much a draft resembles an influencer's stored posts. No proof of authorship.

profile   Corpus, Profile, likeness: the way in      copied    spans of a draft that stand in an old post
text      normalising and encoding posts             grams     character and word n-gram models
features  the measures                               model     from measures to a probability; weights.json
comparison  whether there is anybody to compare with
"""

from bot.judging.voice.profile import UNLIKE, Corpus, Likeness, Profile, likeness

__all__ = ["UNLIKE", "Corpus", "Likeness", "Profile", "likeness"]
