"""How long one disclosure check takes: `python tests/benchmarks/disclosure_speed.py` prints medians in microseconds.

Captions of 2,200 characters are checked over all jurisdictions at once, a short one over one. All of them are gone
through three times and the lowest median is printed; on a busy machine `disclosure_speed.py 20` goes through them
twenty times.
"""

import math
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.judging.disclosure.check import check
from bot.judging.disclosure.load import rulebook

LENGTH = 2200
ENGLISH = (
    "Morning routine with a cup of tea and the new serum from @acme. I had read a lot about it, and the texture is "
    "light, not sticky, and made for dry skin. I put it on after washing, wait two minutes, then cream on top. What I "
    "did not expect: my skin was calm after a week, even with the heating on all day.\n"
    "What I like less is the lid, which broke when I packed it for the trip to the coast. My sister had the same "
    "problem, so take care of yours!\n"
    "For everyone who asked: the mug is from a small pottery in town, the plant is still alive, and the cat is called "
    "Biscuit. Next week I will show you how I plan my meals without spending the whole Sunday in the kitchen.\n"
    "Thanks for all your questions! What do you want to read next? #skincare #morning #slowliving\n"
    "Some more notes, because you asked for the long version. The bottle holds thirty millilitres, which lasts me "
    "about two months if I stick to three drops. It smells of nothing at all, and that is what I want from a product "
    "I put on before bed. My skin is dry on the cheeks and gets shiny around the nose by noon, so I tend to use less "
    "in summer. I would not bother with it if you already have a routine that works: changing five things at once "
    "taught me nothing last year, apart from patience.\n"
    "The walk in the second picture starts behind the old mill. Wear proper shoes, the path is muddy until May, and "
    "take the left turn at the stone bridge or you end up on the main road like we did. There is a bakery at the end "
    "with the best rye bread I have had since we moved here; they close at two, and on Mondays. If you go, say hello "
    "to the grumpy dog by the gate. He is lovely once he has seen a biscuit.\n"
    "And for those of you who wrote about the book: yes, I finished it on the train, I cried, and I lent it to my "
    "mother the same evening. She says the ending is too neat. We have agreed to argue about it over dinner on "
    "Sunday.\n"
)
FRENCH = (
    "Ma routine du matin avec une tasse de thé et le nouveau sérum de @acme. La texture est légère, idéale pour les "
    "peaux sèches, et j'ai préféré l'utiliser après l'été. Je l'applique le soir, puis une crème très épaisse. Ma sœur "
    "l'a essayé aussi, et elle a été étonnée du résultat.\nCe que j'aime moins : le bouchon, qui s'est cassé pendant "
    "le voyage à la mer. Pour celles qui l'ont demandé, la tasse vient d'un petit atelier près d'ici, la plante est "
    "toujours en vie et le chat s'appelle Biscuit. La semaine prochaine, je vous montre comment je prépare mes repas "
    "sans y passer tout le dimanche.\nMerci pour vos questions, à bientôt ! #beauté #matin\n"
)
JAPANESE = (
    "朝のスキンケアに、新しい美容液を使ってみました。軽いテクスチャーで、乾燥肌にもなじみます。\n"
    "夜は洗顔のあとに二滴だけ。一週間でコンディションが落ち着いてきました。次は何が知りたいですか？\n"
)
RUSSIAN = "Утренний уход и чашка чая: новая сыворотка очень лёгкая, подходит для сухой кожи. Что рассказать дальше?\n"
EMOJI = "Morning glow ✨🌿 tea time ☕️ and a fresh serum 💧💕 #skin #glow #morning #selfcare\n"
ONLY_EMOJI = "✨🌿☕️💧💕😍🙌🏼👩‍👧‍👦🇫🇷 "
HINDI = "सुबह की दिनचर्या में एक कप चाय और नया सीरम। त्वचा शांत है, और बनावट बहुत हल्की है। आगे क्या पढ़ना चाहेंगे?\n"
NEARLY_JAPANESE = (
    "広告代理店で働く友達と、宣伝カーやPR会社の話をした。プロモーション担当の案件も、提供クレジットもモニターも見た。\n"
)
NEARLY_ENGLISH = (
    "My gifted sister read an ad about a sponsored partner, paid for advice, and thanked the brand ambassador.\n"
)
MANY_TAGS = "".join(f"#glow{number} #été{number} " for number in range(150))
MANY_URLS = "see https://acme.example/p/ad?ref=x and www.acme.example/#ad\n"
LETTERS = "a b c of d e f, s p y and g i f t\n"
STYLED = "𝓜𝓸𝓻𝓷𝓲𝓷𝓰 𝗿𝗼𝘂𝘁𝗶𝗻𝗲 ⓦⓘⓣⓗ ｔｅａ ᴀɴᴅ ѕerum\n"
ZERO_WIDTH = "mor\u200bning\u200d rou\u2060tine \ufeffwith t\u00adea "
LABELS = {  # by kind of caption: text, label of its own language
    "English": (ENGLISH, "#ad"),
    "English, CRLF": (ENGLISH.replace("\n", "\r\n"), "#ad"),
    "French": (FRENCH, "#publicité"),
    "Japanese": (JAPANESE, "#PR"),
    "Russian": (RUSSIAN, "#ad"),
    "emoji and tags": (EMOJI, "#ad"),
    "nothing but emoji": (ONLY_EMOJI, "#ad"),
    "Hindi": (HINDI, "#ad"),
    "Japanese, twenty words that are nearly labels": (3 * NEARLY_JAPANESE + 30 * JAPANESE, "#PR"),
    "English, twenty words that are nearly labels": (3 * NEARLY_ENGLISH + ENGLISH, "#ad"),
    "nothing but Japanese words that are nearly labels": (NEARLY_JAPANESE, "#PR"),
    "nothing but English words that are nearly labels": (NEARLY_ENGLISH, "#ad"),
    "all capitals": (ENGLISH.upper(), "#AD"),
    "nothing but tags": (MANY_TAGS, "#ad"),
    "URLs": (MANY_URLS, "#ad"),
    "single letters": (LETTERS, "#ad"),
    "styled letters": (STYLED, "#ad"),
    "zero-width characters": (ZERO_WIDTH, "#ad"),
}


def captions() -> dict[str, str]:
    """Captions of 2,200 characters: without a label, with one first, with one last."""
    found: dict[str, str] = {}
    for kind, (text, label) in LABELS.items():
        room = LENGTH - len(label) - 1
        found |= {
            kind: (text * LENGTH)[:LENGTH],
            f"{kind}, {label} first": f"{label} {(text * LENGTH)[:room]}",
            f"{kind}, {label} last": f"{(text * LENGTH)[:room]} {label}",
        }
    return found


def median_us(call: Callable[[], object], calls: int = 300) -> float:
    """The median time of one call, in microseconds."""
    times = []
    for _ in range(calls):
        start = time.perf_counter_ns()
        call()
        times.append(time.perf_counter_ns() - start)
    return statistics.median(times) / 1000


def checks() -> dict[str, Callable[[], object]]:
    """By kind of caption."""
    countries = tuple(rulebook().jurisdictions)
    found: dict[str, Callable[[], object]] = {}
    for name, caption in captions().items():
        assert len(caption) == LENGTH
        found[f"{name}, {len(countries)} jurisdictions"] = partial(check, caption, countries=countries, brand="Acme")
    found["short, 1 jurisdiction"] = partial(check, "Ad | Loving my new serum", countries=("US",), brand="Acme")
    return found


def measure(rounds: int) -> dict[str, float]:
    """Microseconds a check, by kind of caption: the lowest of `rounds` medians."""
    best: dict[str, float] = {}
    for _ in range(rounds):
        for name, call in checks().items():
            best[name] = min(median_us(call), best.get(name, math.inf))
    return best


if __name__ == "__main__":
    for name, microseconds in measure(int(sys.argv[1]) if len(sys.argv) > 1 else 3).items():
        print(f"{microseconds:8.1f}  {name}")
