"""A switch for long runs: pure functions of the core remember what they gave for the same bytes.

Nothing is left out and nothing is decided otherwise: each function named here gives the same value for the same
arguments for ever, and bytes never seen before are verified as always. But a fault in one of them that shows only at a
second call would hide. So every run that uses this leaves a share of its seeds as they are. The product never does it.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

from nacl import bindings

from ledgerpost import cbor, envelope, sealed, statement
from ledgerpost.bank import records as books
from ledgerpost.judge import gathering, within
from ledgerpost.papers import beside, instrument, orders
from ledgerpost.papers.kinds import Paper
from ledgerpost.statement import Statement
from ledgerpost.wallet import account, records

MOST: Final = 1 << 14
"""Results kept of each function."""

PURE: Final[tuple[tuple[Any, str], ...]] = (
    (bindings, "crypto_sign"),
    (bindings, "crypto_sign_open"),
    (bindings, "crypto_sign_ed25519_pk_to_curve25519"),
    (bindings, "crypto_sign_ed25519_sk_to_curve25519"),
    (bindings, "crypto_sign_seed_keypair"),
    (cbor, "decode"),
    (envelope, "look"),
    (envelope, "unpack"),
    (envelope, "_unseal"),
    (envelope, "_seal"),
    (sealed, "read"),
    (sealed, "trusted"),
    (sealed, "verify_bytes"),
    (sealed, "open_message"),
    (sealed, "_to_be_signed"),
    (statement, "read_statement"),
    (statement, "digest_of"),
    (beside, "identity_of_part"),
    (instrument, "read_instrument"),
    (instrument, "check_chain"),
    (orders, "done"),
    (orders, "read_orders"),
    (books, "read_record"),
    (account, "foreseen"),
    (records, "_read_wish"),
    (records, "_read_item"),
    (records, "_read_said"),
    (within, "claim_in"),
    (gathering, "claim_in"),
)
"""Module and name of functions of bytes, or of frozen values made of bytes."""


@contextmanager
def remembered() -> Iterator[None]:
    """Meanwhile nothing is verified, opened, decoded or read twice."""
    functions = [getattr(place, name) for place, name in PURE]
    instead: dict[Any, Any] = {each: lru_cache(MOST)(each) for each in functions}
    instead[sealed.identity_of] = _by(sealed.identity_of, lambda claim: claim.to_be_signed)
    places = [*_places(instead)]
    methods = {(Paper, "read"): _read(), (Paper, "of"): _of(), (Statement, "encode"): _encode()}
    real = {(kind, name): vars(kind)[name] for kind, name in methods}
    try:
        for module, name, function in places:
            setattr(module, name, instead[function])
        for (kind, name), method in methods.items():
            setattr(kind, name, method)
        yield
    finally:
        for module, name, function in places:
            setattr(module, name, function)
        for (kind, name), method in real.items():
            setattr(kind, name, method)


def _by(real: Callable[..., Any], key: Callable[..., Any]) -> Callable[..., Any]:
    """``real``, remembered by what stands for its arguments: quicker to compare than they are, or with a hash."""
    known: dict[Any, Any] = {}

    def give(*arguments: Any) -> Any:
        name = key(*arguments)
        found = known.get(name)
        if found is None:
            if len(known) == MOST:
                known.clear()
            found = known[name] = real(*arguments)
        return found

    return give


def _read() -> Any:
    kept: Any = lru_cache(MOST)(vars(Paper)["read"].__func__)
    return classmethod(kept)


def _of() -> Any:
    """A verified message is its bytes, and these have its contents."""
    real = vars(Paper)["of"].__func__
    return classmethod(_by(real, lambda kind, sealed, bank=None: (kind, sealed.type, sealed.raw, bank)))


def _encode() -> Any:
    kept = lru_cache(MOST)(Statement.encode)
    return lambda self: kept(self)  # noqa: PLW0108 - what lru_cache makes is no method


def _places(functions: dict[Any, Any]) -> Iterator[tuple[Any, str, Any]]:
    """Every name that a module of ours or of the library has for one of them."""
    for module in [each for name, each in sys.modules.items() if name.split(".")[0] in _OURS]:
        for name, value in vars(module).items():
            if callable(value) and value.__hash__ is not None and value in functions:
                yield module, name, value


_OURS: Final = ("ledgerpost", "nacl", "histories", "rogues", "market", "town", "selections", "simulation")
