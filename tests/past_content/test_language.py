"""The language of posts, guessed by script and frequent words."""

from __future__ import annotations

import pytest

from bot.past_content.language import guess_language


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
