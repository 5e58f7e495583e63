"""Which languages pages are printed in. Holds no words, so that a command can name them without loading any."""

from collections.abc import Mapping
from typing import Final

TABLE: Final[Mapping[str, str]] = {"en": "english", "fr": "french"}
"""Every language by its ISO 639 code, and the module here that has its words as ``WORDS``."""


def usual(locale: str) -> str:
    """The language in ``TABLE`` that a POSIX locale such as ``fr_ML.UTF-8`` asks for; English for any other."""
    code = locale[:2].lower()
    return code if code in TABLE and not locale[2:3].isalpha() else "en"
