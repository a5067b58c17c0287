"""A sensitive product that is refused gives no flag; one that is praised, compared or merely near a refusal does."""

import pytest

from bot.judging.disclosure.check import check


def kinds(text: str) -> set[str]:
    found = check(text, countries=["US", "UK", "DE", "FR", "IT", "ES", "JP"], platform="tiktok")
    return {flag.rule.category for flag in found.sensitive}


@pytest.mark.parametrize(
    "text",
    [
        "I said no to a betting app once. My teeth, though: this whitening kit",
        "I turned down three casino deals last year",
        "I never promote gambling",
        "never gamble",
        "I am against betting",
        "Una vez dije que no a una casa de apuestas",
        "Ich habe nein zu Sportwetten gesagt",
        "J'ai dit non au casino",
        "カジノの広告は断りました。この歯みがき粉は好き",
        "宝くじの案件をお断りしたことがある",
    ],
)
def test_what_is_refused_is_not_sold(text: str) -> None:
    assert "gambling" not in kinds(f"Ad | {text}")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Try this betting app", "gambling"),
        ("I said no to a betting app once. Then I found this casino!", "gambling"),
        ("I gave up coffee for this supplement", "health"),
        ("I said no to coffee but yes to this supplement", "health"),
        ("You never drink wine like this", "alcohol"),
        ("I never thought wine could taste so good", "alcohol"),
        ("Never miss a day of betting", "gambling"),
        ("I said no. Betting changed my mind", "gambling"),
        ("カジノは楽しい。酒は断った", "gambling"),
        ("ワインはやめられない", "alcohol"),
    ],
)
def test_everything_else_is_flagged_still(text: str, kind: str) -> None:
    assert kind in kinds(f"Ad | {text}")
