"""A packed table says the same as the plain one, in a small part of its memory."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bot.judging.voice.grams import Packed

BITS = 8
SLOTS = np.arange(1 << BITS, dtype=np.int32)


@st.composite
def tables(draw: st.DrawFn) -> NDArray[np.int32]:
    held = draw(st.dictionaries(st.integers(0, len(SLOTS) - 1), st.integers(1, 10**6)))
    table = np.zeros(len(SLOTS), np.int32)
    table[list(held)] = list(held.values())
    return table


@given(tables())
def test_it_holds_what_the_plain_table_holds(table: NDArray[np.int32]) -> None:
    packed = Packed.of(table)
    assert np.array_equal(packed.table(), table)
    assert np.array_equal(packed.look_up(SLOTS.reshape(4, -1)), table.reshape(4, -1))


def test_an_empty_one_holds_nothing() -> None:
    assert not Packed.empty(BITS).table().any()
    assert not Packed.empty(BITS).look_up(SLOTS).any()
    assert len(Packed.empty(BITS).table()) == len(SLOTS)


def test_a_sparse_table_takes_little_memory() -> None:
    table = np.zeros(1 << 22, np.int32)
    table[::50] = 1
    packed = Packed.of(table)
    assert packed.bits.nbytes + packed.before.nbytes + packed.counts.nbytes < table.nbytes / 10
