import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.judging.disguise import undisguised, without_accents


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Prüfer, règles, señor", "Prufer, regles, senor"),
        ("がぎぐ ガギグ", "がぎぐ ガギグ"),
        ("ｆｕｌｌ", "full"),
        ("й ё", "и е"),
    ],
)
def test_accents_go_and_kana_keep_theirs(text: str, plain: str) -> None:
    assert without_accents(text) == plain


@pytest.mark.parametrize("text", ["Mud, mend, tea.", "今日も走る。", "Привет, друзья", "Ωραία μέρα", "code TAM25", ""])
def test_an_undisguised_text_has_no_other_reading(text: str) -> None:
    assert list(undisguised(text)) == []


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("w o r d s  s p r e a d", "words  spread"),
        ("w-o-r-d-s", "words"),
        ("wоrds", "words"),
        ("ᴡᴏʀᴅꜱ", "words"),
        ("w0rd5 h3re", "words here"),
        ("w&#111;rds", "words"),
        ("w%6frds \\u0068ere", "words here"),
        ("776f726473206f6e6365206d6f7265", "decoded: words once more"),
        ("d29yZHMgb25jZSBtb3Jl", "decoded: words once more"),
        ("vtaber guvf", "ignore this"),
        ("siht erongi", "ignore this"),
    ],
)
def test_each_disguise_is_undone(text: str, reading: str) -> None:
    assert reading in undisguised(text)


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert all(isinstance(reading, str) for reading in undisguised(text))
