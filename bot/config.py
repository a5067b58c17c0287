"""Typed settings from config.toml and the environment. Every field has a default that works offline.

Secrets never stand in config.toml: they come from the environment variable or the file that the setting names.
An environment variable wins over the file: CAMPAIGN_BOT_LLM__MODEL sets [llm] model.
"""

from __future__ import annotations

import os
import tomllib
from importlib.resources.abc import Traversable
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from bot.errors import Problem

DEFAULT_PATH = Path("config.toml")
_NAME = r"^[A-Za-z_][A-Za-z0-9_]{0,63}$"  # of an environment variable; no token or key looks like one


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(Section):
    path: Path = Field(Path("data/bot.sqlite3"), description="SQLite file; its folder is made when missing.")


class Discord(Section):
    token_env: str = Field("DISCORD_TOKEN", pattern=_NAME, description="Environment variable that holds the bot token.")
    token_file: Path | None = Field(None, description="Or a file that holds nothing but the token.")
    guild: int = Field(0, ge=0, description="Server id the command line works for; 0 is a local workspace of its own.")
    read_messages: bool = Field(
        False,
        description="Ask for the message content intent. Not needed for commands, menus, mentions and direct messages.",
    )
    api_url: str = Field("", description="Only for a loopback Discord; empty means the real one.")

    @field_validator("api_url")
    @classmethod
    def _loopback_only(cls, url: str) -> str:
        if not url:
            return url
        host = urlsplit(url).hostname or ""
        if host != "localhost" and not (host[:1].isdigit() and ip_address(host).is_loopback):
            raise ValueError("must be a loopback address such as http://127.0.0.1:8080")
        return url


class Llm(Section):
    base_url: str = Field("", description="Any OpenAI-compatible endpoint, e.g. http://127.0.0.1:11434/v1/ for Ollama.")
    model: str = Field("", description="Model name there. Empty: the offline judge measures, no model reads.")
    key_env: str = Field("OPENAI_API_KEY", pattern=_NAME, description="Environment variable that holds the API key.")
    key_file: Path | None = Field(None, description="Or a file that holds nothing but the key.")
    timeout_seconds: float = Field(120, gt=0, le=1200, description="Longest wait for one answer.")
    concurrency: int = Field(8, ge=1, le=256, description="Answers asked for at the same time.")
    max_output_tokens: int = Field(4000, ge=500, le=64000, description="Longest answer asked for.")
    temperature: float | None = Field(None, ge=0, le=2, description="Sent only when set; some models refuse it.")
    transport_attempts: int = Field(
        4, ge=1, le=20, description="Attempts against a busy or broken endpoint, within seconds; then the draft waits."
    )
    images: bool = Field(False, description="The model can see images. Needed for it to be shown those of a draft.")
    max_image_mb: float = Field(4, gt=0, le=50, description="Larger images are not shown to the model.")
    price_prompt: float | None = Field(None, ge=0, description="Price of a million tokens read; any one currency.")
    price_cached: float | None = Field(None, ge=0, description="Of those the endpoint had kept; else price_prompt.")
    price_completion: float | None = Field(None, ge=0, description="Price of a million tokens written.")
    monthly_tokens: int = Field(
        0, ge=0, description="Tokens each server may use in a month (UTC); further drafts wait. 0: no limit."
    )
    monthly_cost: float = Field(0, ge=0, description="The same in the currency of the prices. 0: no limit.")

    @model_validator(mode="after")
    def _cost_is_known(self) -> Self:
        if (self.price_prompt is None) != (self.price_completion is None):
            raise ValueError("price_prompt and price_completion go together")
        if self.monthly_cost and self.price_prompt is None:
            raise ValueError("monthly_cost needs price_prompt and price_completion")
        return self


class Review(Section):
    history_tokens: int = Field(24_000, ge=1_000, description="A history up to this many tokens is read whole.")
    dossier_tokens: int = Field(
        6_000, ge=500, description="What a model notes of a longer history may take up to this many tokens of it."
    )
    min_posts: int = Field(5, ge=1, description="With fewer stored posts the answer is 'cannot tell'.")
    max_age_days: int = Field(548, ge=1, description="With a newest post older than this the answer is 'cannot tell'.")
    max_draft_characters: int = Field(20_000, ge=100, le=100_000, description="Longer drafts are refused.")
    max_files: int = Field(6, ge=1, le=10, description="Files kept of one draft; further ones are not read.")
    max_file_mb: float = Field(8, gt=0, le=25, description="Larger files are not read.")
    prompts: Path | None = Field(None, description="Folder with templates of your own; empty means those shipped.")


class Limits(Section):
    person_per_hour: int = Field(400, ge=1, description="Drafts of one person in one server within an hour.")
    guild_per_hour: int = Field(1000, ge=1, description="Drafts of one server within an hour, private ones apart.")
    guild_waiting: int = Field(2000, ge=1, description="Drafts of one server that wait at a time, private ones apart.")
    waiting: int = Field(20_000, ge=1, description="Drafts of all servers that wait at a time.")


class Log(Section):
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Draft texts are never logged.")
    format: Literal["text", "json"] = Field("text", description="json for log collectors.")


class TomlFile(TomlConfigSettingsSource):
    """A settings file as editors write it: a byte order mark does no harm."""

    def _read_file(self, file_path: Path | Traversable) -> dict[str, Any]:
        return tomllib.loads(file_path.read_text("utf-8-sig"))


class Settings(BaseSettings):
    """All settings. Build it with `load_settings`."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix="CAMPAIGN_BOT_",
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
    )

    database: Annotated[Database, Field(description="Where everything is kept.")] = Database()
    discord: Annotated[Discord, Field(description="The chat side.")] = Discord()
    llm: Annotated[Llm, Field(description="The model that reads. Leave model empty to start without one.")] = Llm()
    review: Annotated[Review, Field(description="How drafts are judged.")] = Review()
    limits: Annotated[Limits, Field(description="How much may be sent in; what is past it is refused.")] = Limits()
    log: Annotated[Log, Field(description="What the operator sees.")] = Log()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings, file_secret_settings
        return (init_settings, env_settings, TomlFile(settings_cls))


def load_settings(path: Path | None = None) -> Settings:
    """Settings from `path`, or from ./config.toml where there is one, else the defaults.

    Raises Problem: file missing, not TOML, unknown key or unusable value; each names the place.
    """
    if path is not None and not path.is_file():
        raise Problem("problem.config_missing", path=str(path))
    file = path or (DEFAULT_PATH if DEFAULT_PATH.is_file() else None)

    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=file)

    try:
        return FromFile()
    except ValidationError as error:
        first, source = error.errors()[0], str(file or "the environment")
        where = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise Problem("problem.config_unknown_key", path=source, key=where) from None
        raise Problem("problem.config_value", path=source, key=where, why=first["msg"]) from None
    except (ValueError, UnicodeDecodeError) as error:  # tomllib.TOMLDecodeError is a ValueError
        raise Problem("problem.config_not_toml", path=str(file), why=str(error)) from None


def secret(env: str, file: Path | None) -> str | None:
    """The secret that a setting names: the environment first, then the file. None where neither holds one.

    Raises Problem when the named file cannot be read.
    """
    if value := os.environ.get(env, "").strip():
        return value
    if file is None:
        return None
    try:
        return file.read_text("utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        raise Problem("problem.secret_file", path=str(file)) from None


def example() -> str:
    """The text of config.example.toml, made from the settings model: every key, its default and what it is for."""
    document = tomlkit.document()
    document.add(tomlkit.comment("Copy to config.toml and change what you need. Everything here is the default."))
    document.add(tomlkit.comment("Secrets do not belong here: put them into the environment variables named below."))
    for section, info in Settings.model_fields.items():
        table = tomlkit.table()
        table.comment(info.description or "")
        model = info.default
        for key, field in type(model).model_fields.items():
            table.add(tomlkit.comment(field.description or ""))
            value = getattr(model, key)
            if value is None:
                table.add(tomlkit.comment(f"{key} ="))
            else:
                table.add(key, str(value) if isinstance(value, Path) else value)
        document.add(tomlkit.nl())
        document.add(section, table)
    return tomlkit.dumps(document)
