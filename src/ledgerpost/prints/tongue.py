"""The words of pages, one ``Tongue`` a language: a language is one file and one line in a table.

A word that is missing is found by the type checker. Refuses to know how pages look.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from ledgerpost.errors import Refusal

TABLE: Final[Mapping[str, str]] = {"en": "english", "fr": "french"}
"""Every language by its ISO 639 code, and the module here that has its words as ``WORDS``."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """The program's own words on paper. Commands are the same in every language."""

    code: str
    cheque: str
    certificate: str
    chequebook: str
    receipt: str
    key: str
    message: str
    number: str
    pay: str
    anyone: str
    drawer: str
    bank: str
    party: str
    buyer: str
    handed: str
    more: str
    earlier: str
    not_before: str
    until: str
    memo: str
    asset: str
    unknown_asset: str
    nameless: str
    joint: str
    only_code: str
    names: str
    check_cheque: str
    check_certificate: str
    hand_on: str
    check_chequebook: str
    check_receipt: str
    check_message: str
    coding: str
    code_of: str
    any_restore: str
    alone: str
    follow: str
    numbers: str
    count: str
    balance: str
    nothing: str
    outstanding: str
    holder: str
    after_letter: str
    agreed: str
    not_agreed: str
    done: str
    refused: str
    key_of: str
    whoever: str
    restore: str
    compare: str
    key_code: str
    digits: str
    contents: str
    recipient: str
    sealed: str
    useful: str
    orders: Mapping[str, str]
    reasons: Mapping[Refusal, str]


def tongue(code: str) -> Tongue:
    """The words of a language in ``TABLE``."""
    words: Tongue = import_module(f"ledgerpost.prints.{TABLE[code]}").WORDS
    return words


def usual(locale: str) -> str:
    """The language in ``TABLE`` that a POSIX locale such as ``fr_ML.UTF-8`` asks for; English for any other."""
    code = locale[:2].lower()
    return code if code in TABLE and not locale[2:3].isalpha() else "en"
