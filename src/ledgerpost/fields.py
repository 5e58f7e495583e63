"""Shapes of fields: each function takes a decoded CBOR value and returns it typed, or raises WrongShape.

Exact types only: ``True`` is not 1 (S3). A paper lists one of these per field; see ``papers.kinds``.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, TypeVar

from ledgerpost.errors import BadKey, OverLimit, WrongShape
from ledgerpost.terms import DIGEST_SIZE, FINGERPRINT_SIZE, KEY_SIZE, MAX_INT, Digest, Fingerprint, PublicKey

T = TypeVar("T")
Field = Callable[[Any], T]


def _sized(value: object, size: int, name: str) -> bytes:
    if type(value) is not bytes or len(value) != size:
        raise WrongShape(f"a {name} is {size} bytes")
    return value


def fingerprint(value: object) -> Fingerprint:
    """20 bytes."""
    return Fingerprint(_sized(value, FINGERPRINT_SIZE, "fingerprint"))


def public_key(value: object) -> PublicKey:
    """32 bytes, not yet checked to be a point (S4): ``sealed.checked_key`` does. Raises BadKey for another length."""
    if type(value) is bytes and len(value) != KEY_SIZE:
        raise BadKey(f"a public key of {len(value)} bytes instead of {KEY_SIZE}")
    return PublicKey(_sized(value, KEY_SIZE, "public key"))


def digest(value: object) -> Digest:
    """32 bytes."""
    return Digest(_sized(value, DIGEST_SIZE, "digest"))


def nonce(value: object) -> bytes:
    """16 bytes of randomness."""
    return _sized(value, 16, "nonce")


def whole(value: object) -> int:
    """An integer from 0 to 2^63-1."""
    if type(value) is not int or not 0 <= value <= MAX_INT:
        raise WrongShape("a whole number from 0 to 2^63-1 belongs here")
    return value


def positive(value: object) -> int:
    """An integer from 1 to 2^63-1: amounts, numbers, sequences."""
    if type(value) is not int or not 1 <= value <= MAX_INT:
        raise WrongShape("a whole number from 1 to 2^63-1 belongs here")
    return value


def balance(value: object) -> int:
    """An integer from -(2^63-1) to 2^63-1, not zero (O6)."""
    if type(value) is not int or not -MAX_INT <= value <= MAX_INT or value == 0:
        raise WrongShape("a balance from -(2^63-1) to 2^63-1, not zero, belongs here")
    return value


def flag(value: object) -> bool:
    """True or False, and nothing that merely counts as such."""
    if type(value) is not bool:
        raise WrongShape("true or false belongs here")
    return value


def text(most: int) -> Field[str]:
    """UTF-8 text of at most ``most`` bytes."""

    def check(value: object) -> str:
        if type(value) is not str:
            raise WrongShape("text belongs here")
        if len(value.encode("utf-8")) > most:
            raise OverLimit(f"text of more than {most} bytes")
        return value

    return check


def one_of(*words: str) -> Field[str]:
    """One of the given words."""

    def check(value: object) -> str:
        if type(value) is not str or value not in words:
            raise WrongShape(f"one of {', '.join(words)} belongs here")
        return value

    return check


def octets(most: int) -> Field[bytes]:
    """1 to ``most`` bytes."""

    def check(value: object) -> bytes:
        if type(value) is not bytes or not value:
            raise WrongShape("a byte string, not empty, belongs here")
        if len(value) > most:
            raise OverLimit(f"{len(value):,} bytes where at most {most:,} are allowed")
        return value

    return check


def maybe(field: Field[T]) -> Field[T | None]:
    """The field, or null."""

    def check(value: object) -> T | None:
        return None if value is None else field(value)

    return check


def listed(field: Field[T], most: int) -> Field[tuple[T, ...]]:
    """An array of at most ``most`` such fields."""

    def check(value: object) -> tuple[T, ...]:
        if type(value) is not tuple:
            raise WrongShape("an array belongs here")
        if len(value) > most:
            raise OverLimit(f"{len(value):,} items where at most {most:,} are allowed")
        return tuple(map(field, value))

    return check


def row(make: Callable[..., T], *columns: Field[Any]) -> Field[T]:
    """An array of just these fields, given to ``make`` (a NamedTuple, say)."""
    size = len(columns)

    def check(value: object) -> T:
        if type(value) is not tuple or len(value) != size:
            raise WrongShape(f"an array of {size} fields belongs here")
        return make(*[column(item) for column, item in zip(columns, value)])  # noqa: B905  # just compared

    return check


def rising(name: str, keys: tuple[Any, ...]) -> None:
    """Raise WrongShape unless the keys rise strictly: one order, no doubles."""
    if any(a >= b for a, b in pairwise(keys)):
        raise WrongShape(f"{name} must be sorted, each once")
