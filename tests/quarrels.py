"""All quarrels by name: cheats, what looks like one and is honest, and what no file decides (``quarreling``)."""

import quarrels_notices
import quarrels_papers
import quarrels_receipts
import quarrels_refusals
from quarreling import CASES, Case, Quarrel, Row, built

__all__ = ["CASES", "Case", "Quarrel", "Row", "built", "chapters"]

chapters = (quarrels_receipts, quarrels_notices, quarrels_papers, quarrels_refusals)
"""Where they stand; importing these fills ``CASES``."""
