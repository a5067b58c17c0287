"""Column types that carry the model's values, and the way from a row back to a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import BigInteger, Dialect, RowMapping, Table, Text
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Value = TypeVar("Value", bound=DataclassInstance)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime as whole microseconds since 1970, so that order is exact. A naive one is refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a time zone")
        return (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        del dialect
        return None if value is None else EPOCH + value * MICROSECOND


class Json(TypeDecorator[Any]):
    """A value of the model as JSON text, checked against its type on the way out."""

    impl = Text
    cache_ok = True

    def __init__(self, shape: Any) -> None:
        super().__init__()
        self.shape = shape  # the cache key
        self._adapter: TypeAdapter[Any] = TypeAdapter(shape)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        del dialect
        return self._adapter.dump_json(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        del dialect
        return None if value is None else self._adapter.validate_json(value)


def stored(value: DataclassInstance, table: Table) -> dict[str, Any]:
    """The fields of `value` that `table` has a column for, without its id."""
    return {
        field.name: getattr(value, field.name)
        for field in fields(value)
        if field.name in table.c and field.name != "id"
    }


def build(cls: type[Value], table: Table, row: RowMapping, **others: object) -> Value:
    """A `cls` from the columns of `table` that are named like its fields; `others` fills the rest."""
    columns: Mapping[str, Any] = {
        field.name: row[table.c[field.name]]
        for field in fields(cls)
        if field.name in table.c and field.name not in others
    }
    return cls(**columns, **others)
