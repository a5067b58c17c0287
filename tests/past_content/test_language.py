"""The language of posts, guessed by script and frequent words."""

from __future__ import annotations

import pytest

from bot.past_content.language import guess_language, told_language


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        (["今日は海まで歩いた。", "new shoes!"], "ja"),
        (["Rained all day and we planted the beans with Grandma", "It is what it is"], "en"),
        (["Hoy llueve y no salgo, pero mañana sí", "Gracias por todo, es muy bonito"], "es"),
        (["Heute regnet es und ich pflanze die Bohnen mit meiner Oma", "Das ist nicht wahr"], "de"),
        (["Il pleut et je suis dans le jardin avec ma mère", "C'est une belle journée"], "fr"),
        (["Oggi piove e sono nell'orto con mia nonna", "Grazie a tutti, anche questa è bella"], "it"),
        (["Hoje choveu muito e não saí de casa", "Obrigado a você, uma semana para os dois"], "pt"),
        (["오늘은 비가 와요"], "ko"),
        (["Сегодня идёт дождь"], "ru"),
        (["今天下雨了"], "zh"),
        (["🌧️🌧️", "#beans"], "en"),
        ([], "en"),
    ],
)
def test_language(texts: list[str], language: str) -> None:
    assert guess_language(texts) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hoy llueve y no salgo, pero mañana sí que voy", "es"),
        ("Hoy llueve y no salgo", None),  # too short to tell by its words
        ("Dzisiaj byłem na rynku, kupiłem nowy garnek i wstałem wcześnie", None),  # a language not known here
        ("今日は海", "ja"),  # by script, however short
        ("", None),
    ],
)
def test_a_language_is_told_only_where_enough_speaks_for_it(text: str, language: str | None) -> None:
    assert told_language(text) == language
