"""A switch for long runs: pure functions of the core remember what they gave for the same bytes.

Nothing is left out and nothing is decided otherwise: each function named here gives the same value for the same
arguments for ever, and bytes never seen before are verified as always. But a fault in one of them that shows only at a
second call would hide. So every run that uses this leaves a share of its seeds as they are. The product never does it.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import Any, Final

from nacl import bindings

from ledgerpost import cbor, envelope, sealed, statement
from ledgerpost.judge import evidence, within
from ledgerpost.papers import instrument, orders
from ledgerpost.papers.kinds import Paper
from ledgerpost.statement import Statement
from ledgerpost.wallet import records

MOST: Final = 1 << 14
"""Results kept of each function."""

PURE: Final[tuple[tuple[Any, str], ...]] = (
    (bindings, "crypto_sign_open"),
    (bindings, "crypto_sign_ed25519_pk_to_curve25519"),
    (bindings, "crypto_sign_ed25519_sk_to_curve25519"),
    (bindings, "crypto_sign_seed_keypair"),
    (cbor, "decode"),
    (envelope, "_unseal"),
    (envelope, "_seal"),
    (sealed, "read"),
    (sealed, "trusted"),
    (sealed, "identity_of"),
    (sealed, "_to_be_signed"),
    (statement, "read_statement"),
    (statement, "digest_of"),
    (instrument, "check_chain"),
    (orders, "read_orders"),
    (within, "claim_in"),
    (evidence, "claim_in"),
)
"""Module and name of functions of bytes, or of frozen values made of bytes."""


@contextmanager
def remembered() -> Iterator[None]:
    """Meanwhile nothing is verified, opened, decoded or read twice."""
    with ExitStack() as stack:
        for place, name in PURE:
            stack.enter_context(_everywhere(getattr(place, name), lru_cache(MOST)(getattr(place, name))))
        stack.enter_context(_everywhere(records.from_records, _from_records()))
        read: Any = vars(Paper)["read"]
        encode: Any = vars(Statement)["encode"]
        reading: Any = lru_cache(MOST)(read.__func__)
        kept: Any = lru_cache(MOST)(encode)
        stack.callback(setattr, Paper, "read", read)
        stack.callback(setattr, Statement, "encode", encode)
        setattr(Paper, "read", classmethod(reading))  # noqa: B010
        setattr(Statement, "encode", lambda self: kept(self))  # noqa: B010, PLW0108
        yield


def _from_records() -> Callable[..., Any]:
    """The same records are the same account; a mapping has no hash, its items have."""
    real = records.from_records

    @lru_cache(MOST // 16)
    def known(bank: Any, rows: tuple[tuple[bytes, bytes], ...]) -> Any:
        return real(bank, dict(rows))

    return lambda bank, rows: known(bank, tuple(rows.items()))


@contextmanager
def _everywhere(function: Any, instead: Any) -> Iterator[None]:
    """Under every name that a module of ours or of the library has for it."""
    _replace(function, instead)
    try:
        yield
    finally:
        _replace(instead, function)


def _replace(function: Any, instead: Any) -> None:
    for module in [each for name, each in sys.modules.items() if name.split(".")[0] in _OURS]:
        for name, value in list(vars(module).items()):
            if value is function:
                setattr(module, name, instead)


_OURS: Final = ("ledgerpost", "nacl", "histories", "rogues", "market", "town", "selections", "simulation")
