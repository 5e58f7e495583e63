"""A bank that lost its store goes on from a backup: random worlds (L11, T4).

A few seeds are played here; ``LEDGERPOST_LOSSES=3000`` plays so many.
"""

import os

import pytest

from losses import Loss, findings

LOSSES = int(os.environ.get("LEDGERPOST_LOSSES", "8"))


@pytest.mark.parametrize("seed", range(LOSSES))
def test_after_a_loss_nobody_honest_is_found_against_and_every_letter_is_answered(seed: int) -> None:
    told, true = Loss(seed).play(), Loss(seed, lost=False).play()
    assert told.faults == []
    assert told.convicted() == []
    assert list(told.waiting()) == list(true.waiting())
    assert bool(told.off()) <= bool(findings(told))
