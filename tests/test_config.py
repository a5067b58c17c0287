from pathlib import Path

import pytest

from bot.config import Settings, example, load_settings, secret
from bot.errors import Problem

ROOT = Path(__file__).parent.parent


def test_the_example_is_made_from_the_settings() -> None:
    assert (ROOT / "config.example.toml").read_text("utf-8") == example()


def test_the_example_says_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(example(), "utf-8")
    assert load_settings(path).model_dump() == Settings().model_dump()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[llm]\nmodell = "x"', "llm.modell"),
        ("[colour]\nred = 1", "colour"),
        ("[llm]\nconcurrency = 0", "llm.concurrency"),
        ('[llm]\nconcurrency = "many"', "llm.concurrency"),
        ("[llm\n", "TOML"),
        ('[discord]\napi_url = "http://10.0.0.1:80"', "loopback"),
        ('[discord]\napi_url = "http://example.com"', "loopback"),
        ("token = 'abc'", "token"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(Problem) as refused:
        load_settings(path)
    assert says in str(refused.value)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_binary_settings_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(Problem, match="TOML"):
        load_settings(path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf[llm]\nmodel = 'small'")
    assert load_settings(path).llm.model == "small"


def test_a_missing_settings_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"nowhere\.toml"):
        load_settings(tmp_path / "nowhere.toml")


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[llm]\nmodel = "small"\nconcurrency = 3', "utf-8")
    monkeypatch.setenv("CAMPAIGN_BOT_LLM__MODEL", "large")
    settings = load_settings(path)
    assert (settings.llm.model, settings.llm.concurrency) == ("large", 3)


def test_secrets_come_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_TOKEN", raising=False)
    file = tmp_path / "token"
    file.write_text(" from-file\n", "utf-8")
    assert secret("SOME_TOKEN", None) is None
    assert secret("SOME_TOKEN", file) == "from-file"
    monkeypatch.setenv("SOME_TOKEN", "from-environment")
    assert secret("SOME_TOKEN", file) == "from-environment"
    monkeypatch.delenv("SOME_TOKEN")
    with pytest.raises(Problem, match="missing"):
        secret("SOME_TOKEN", tmp_path / "missing")
