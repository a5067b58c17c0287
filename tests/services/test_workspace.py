"""A workspace file with anything wrong in it is refused, and the place is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import Problem
from bot.sample import __file__ as sample
from bot.services.workspace import clean_handle, posts_path, read_workspace

BRAND = '[[brand]]\nname = "Tarn Wear"\n'
CAMPAIGN = '[[campaign]]\nname = "First Light"\nbrand = "Tarn Wear"\n'
RULE = (
    '[[disclosure_rule]]\nlabel = "#tarncrew"\nstatus = "accepted"\ncountry = "GB"\nlanguage = "en"\n'
    'source = "Agreed on Monday"\nas_of = 2026-11-20\n'
)
INFLUENCER = '[[influencer]]\nhandle = "@wren"\nlang = "en"\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder / "workspace.toml"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"names nothing to load"),
        ("[[brand]\n", r"cannot be read as TOML \(.*line 1"),
        ("[[brands]]\n", r"something that is not known here: brands"),
        ('brand = "Tarn Wear"\n', r"something that is not known here: brand\."),
        (BRAND + 'categry = "shoes"\n', r"\[\[brand\]\] number 1 has a key that does not exist: categry"),
        (BRAND + '[[brand]]\nhandle = "@b"\n', r"\[\[brand\]\] number 2 lacks name"),
        (BRAND + "[[brand.value]]\nwords = []\n", r"\[\[brand\]\] number 1 lacks value 1 name"),
        (BRAND + "aliases = [3]\n", r"\[\[brand\]\] number 1, aliases 1: a text is needed"),
        (BRAND + 'aliases = "Tarn"\n', r"\[\[brand\]\] number 1, aliases: a list is needed"),
        ('[[brand]]\nname = " "\n', r"\[\[brand\]\] number 1, name: a text is needed"),
        (BRAND + '[[brand]]\nname = " TARN wear "\n', r"number 2, name: There is already one called 'TARN wear'"),
        (CAMPAIGN, r"\[\[campaign\]\] number 1, brand: There is no brand 'Tarn Wear'"),
        (BRAND + CAMPAIGN + CAMPAIGN, r"\[\[campaign\]\] number 2, name: There is already one"),
        (BRAND + CAMPAIGN + 'format = "poem"\n', r"\[\[campaign\]\] number 1, format: .*caption"),
        (BRAND + CAMPAIGN + 'relation = "friend"\n', r"\[\[campaign\]\] number 1, relation: "),
        (
            BRAND + CAMPAIGN + 'countries = ["US", "USA"]\n',
            r"\[\[campaign\]\] number 1, countries 2: a code of two letters",
        ),
        (INFLUENCER + 'email = "x"\n', r"\[\[influencer\]\] number 1 has a key that does not exist: email"),
        ('[[influencer]]\nhandle = "a b"\nlang = "en"\n', r"number 1, handle: 'a b' is no handle"),
        (INFLUENCER + INFLUENCER.replace("@wren", "WREN"), r"\[\[influencer\]\] number 2, handle: There is already"),
        (INFLUENCER.replace('"en"', '"english"'), r"\[\[influencer\]\] number 1, lang: a code of two letters"),
        ('[guild]\nlanguage = "xx"\n', r"\[guild\], language: use one of en, ja"),
        ('[guild]\ncountries = ["DE", "XX"]\n', r"\[guild\], countries 2: use one of AT, AU, BE"),
        ('[guild]\ncolour = "red"\n', r"\[guild\], colour: there is no such key"),
        ('guild = "mine"\n', r"something that is not known here: guild"),
        (BRAND + CAMPAIGN + "decide_within_hours = -1\n", r"number 1, decide_within_hours: a number from 0 on"),
        (BRAND + CAMPAIGN + 'decide_within_hours = "soon"\n', r"number 1, decide_within_hours: a whole number"),
        (RULE.replace("GB", "XX"), r"\[\[disclosure_rule\]\] number 1, country: use one of AT, AU, BE"),
        (RULE.replace("accepted", "fine"), r"number 1, status: use one of 'accepted', 'ambiguous'"),
        (RULE.replace("#tarncrew", "#x"), r"number 1, label: A single letter is no label"),
        (RULE.replace("#tarncrew", "#" + "x" * 80), r"number 1, label: at most 80 characters"),
        (RULE.replace("2026-11-20", '"soon"'), r"number 1, as_of: a date without quotes is needed"),
        (RULE.replace("as_of", "day"), r"number 1 lacks as_of"),
        (RULE + RULE.replace("GB", "UK").replace("#t", "T"), r"number 2, label: There is already one called"),
        (INFLUENCER + "followers = -1\n", r"\[\[influencer\]\] number 1, followers: "),
        *(
            (INFLUENCER + f"posts = '{posts}'\n", r"number 1, posts: .* lies outside the folder")
            for posts in ("../wren.csv", "/etc/hostname", "posts/../../wren.csv", "link/wren.csv")
        ),
    ],
)
def test_the_place_of_a_fault_is_named(path: Path, text: str, message: str) -> None:
    (path.parent / "link").symlink_to(path.parent.parent)
    path.write_text(text)
    with pytest.raises(Problem, match=message) as caught:
        read_workspace(path, ())
    assert "{" not in caught.value.in_language("ja")


def test_a_missing_file_or_folder(path: Path) -> None:
    with pytest.raises(Problem, match="There is no file"):
        read_workspace(path, ())
    with pytest.raises(Problem, match="cannot be read"):
        read_workspace(path.parent, ())


def test_a_byte_order_mark_does_no_harm(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + BRAND.encode())
    assert read_workspace(path, ()).brand[0].name == "Tarn Wear"


def test_the_shipped_sample_is_a_workspace() -> None:
    path = Path(sample).parent / "workspace.toml"
    workspace = read_workspace(path, ())
    assert workspace.influencer
    assert all(posts_path(path, table.posts).is_file() for table in workspace.influencer if table.posts)


@pytest.mark.parametrize(
    "written", ['values = ["honesty"]', 'value = ["honesty"]', '[[brand.value]]\nname = "honesty"']
)
def test_values_are_read_as_people_write_them(path: Path, written: str) -> None:
    path.write_text(f'[[brand]]\nname = "Acme"\n{written}\n', "utf-8")
    [brand] = read_workspace(path, []).brand
    assert [value.name for value in brand.brand(1).values] == ["honesty"]


def test_a_handle_may_be_the_address_of_a_profile() -> None:
    assert clean_handle("https://www.instagram.com/Mossy_Miles/") == "Mossy_Miles"
    with pytest.raises(Problem):
        clean_handle("https://www.instagram.com/p/Cx1/")
