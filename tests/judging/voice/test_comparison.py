"""Likeness is told of a draft only where others write as it is written; a low one always."""

from itertools import product

import pytest

from bot.judging.signals import by_key, measure
from bot.judging.voice import Corpus, likeness
from bot.past_content.language import told_language
from tests.builders import NOW, make_campaign
from tests.judging.voice.voices import library, posts_of

ENGLISH = {name: posts for name, posts in library().items() if not name.startswith("japanese")}
DRAFT = "Hoy el barco me ha despertado muy pronto y no me lo esperaba, así que he escrito una lista."
POLISH_DRAFT = "Dzisiaj statek obudził mnie wcześnie rano, więc napisałem długą listę rzeczy."


def spanish(seed: int) -> list[str]:
    subjects = ("El barco", "La sopa", "Mi vieja bicicleta", "El tren de noche", "Nuestro jardín")
    deeds = ("me ha despertado", "no me ha gustado", "es muy bonito", "está en la lista", "ha llegado tarde")
    times = ("hoy", "el domingo", "antes de comer", "con la lluvia", "en el puerto")
    posts = [f"{subject} {deed} {time}, y lo he escrito." for subject, deed, time in product(subjects, deeds, times)]
    return posts[seed::5]


def polish() -> list[str]:
    subjects, times = ("Statek", "Rower", "Pociąg", "Ogród", "Garnek"), ("dzisiaj", "w niedzielę", "przed śniadaniem")
    return [f"{subject} obudził mnie {time}, więc napisałem długą listę." for subject, time in product(subjects, times)]


@pytest.mark.parametrize(("others", "is_told"), [(0, False), (1, False), (2, True), (3, True)])
def test_likeness_is_told_from_two_others_of_the_language_on(others: int, is_told: bool) -> None:
    posts = {"me": spanish(0)} | {f"other {number}": spanish(number) for number in range(1, others + 1)}
    found = likeness(DRAFT, Corpus({**ENGLISH, **posts}).profile("me"))
    assert found.writers == others
    assert found.probability >= 0.35
    assert found.told == (found.probability if is_told else None)


def test_a_language_that_is_not_known_here_has_no_others_among_many() -> None:
    found = likeness(POLISH_DRAFT, Corpus({**ENGLISH, "me": polish()}).profile("me"))
    assert (found.writers, found.told) == (0, None)


def test_the_language_of_the_draft_counts_beside_the_influencers_usual_one() -> None:
    profile = Corpus({**ENGLISH, "me": [*posts_of("calm", 30, seed=7), *spanish(0)[:8]]}).profile("me")
    assert likeness("The harbour kept me awake this morning and it was not what I had in mind.", profile).writers == 4
    assert likeness(DRAFT, profile).writers == 0


def test_a_sentence_in_a_language_of_others_does_not_make_them_comparable() -> None:
    profile = Corpus({**ENGLISH, "me": spanish(0), "other": spanish(1)}).profile("me")
    mixed = f"El barco me ha despertado hoy. {' '.join(posts_of('calm', 3))}"
    assert told_language(mixed) == "en"
    assert likeness(mixed, profile).writers == 1


def test_a_low_likeness_stands_with_nobody_to_compare_to() -> None:
    found = likeness(posts_of("loud", 1)[0], Corpus({"me": spanish(0), "other": posts_of("calm", 30)}).profile("me"))
    assert found.writers < 2
    assert found.told == found.probability < 0.35


def test_later_changes_of_the_store_show_in_new_profiles_alone() -> None:
    corpus = Corpus({**ENGLISH, "me": spanish(0), "one": spanish(1), "two": spanish(2)})
    before = corpus.profile("me")
    corpus.update({"one": (), "two": posts_of("calm", 20, seed=9)})
    assert (likeness(DRAFT, before).writers, likeness(DRAFT, corpus.profile("me")).writers) == (2, 0)


def test_signals_say_how_many_others_there_are_only_where_they_are_too_few() -> None:
    corpus = Corpus({**ENGLISH, "me": spanish(0), "other": spanish(1)})
    lone = by_key(measure(DRAFT, make_campaign(), (), likeness(DRAFT, corpus.profile("me")), NOW))
    assert (lone["writers"], "likeness" in lone) == (1, False)
    corpus.put("third", spanish(2))
    told = by_key(measure(DRAFT, make_campaign(), (), likeness(DRAFT, corpus.profile("me")), NOW))
    assert ("writers" in told, "likeness" in told) == (False, True)
