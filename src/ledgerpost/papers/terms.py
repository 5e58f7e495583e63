"""The bank's terms: fees, lives, caps (O3, O4, O5, O7). Every letter names the terms it was written under."""

from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

from ledgerpost import fields as f
from ledgerpost.errors import WrongShape
from ledgerpost.papers.kinds import Paper
from ledgerpost.terms import Amount, Digest, Fingerprint, Moment

MAX_TERMS: Final = 4096
LONGEST: Final = 16
MOST: Final = 16384
"""No cap may pass what fits a receipt: so many numbers, an eighth as many spends."""
DAY: Final = 86400
REFUSE: Final = "refuse"
RECOVER: Final = "recover"
LIEN: Final = "lien"
"""What happens to a second redeemer of a certificate (B5)."""


class Fee(NamedTuple):
    """Tokens charged for each order of that name that is done."""

    order: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class Terms(Paper):
    """All lives and graces in seconds, all fees in units of ``token``.

    ``grace``: how long superseded terms still hold and dead things are kept; ``letter_life``, ``spend_life``,
    ``number_life``: the furthest end a letter, spend or number may have; ``most_*``: caps per party;
    ``share``: spends one spender may have in one inbox; ``jump``: a step of the bank's clock beyond this wants
    the operator's word. ``longest``: endorsements a certificate allows; ``second``: the policy for a second redeemer.
    """

    TYPE: ClassVar = "terms"
    FIELDS: ClassVar = (
        f.fingerprint,
        f.positive,
        f.whole,
        f.maybe(f.digest),
        f.listed(f.row(Fee, f.text(32), f.positive), 32),
        f.positive,
        f.positive,
        f.positive,
        f.positive,
        f.positive,
        f.positive,
        f.positive,
        f.positive,
        f.positive,
        f.positive,
        f.one_of("refuse", "recover", "lien"),
    )

    bank: Fingerprint
    serial: int
    time: Moment
    token: Digest | None = None
    fees: tuple[Fee, ...] = ()
    grace: int = 60 * DAY
    letter_life: int = 60 * DAY
    spend_life: int = 180 * DAY
    number_life: int = 730 * DAY
    most_numbers: int = 10_000
    most_outstanding: int = 1_000
    most_incoming: int = 1_000
    share: int = 100
    jump: int = 45 * DAY
    longest: int = 16
    second: str = REFUSE

    def check(self) -> None:
        """Fees sorted by order, each once; a fee needs a token."""
        if max(self.most_numbers, 8 * self.most_outstanding, 8 * self.most_incoming) > MOST:
            raise WrongShape(f"caps: at most {MOST} numbers, {MOST // 8} spends out or in")
        if self.longest > LONGEST:
            raise WrongShape(f"at most {LONGEST} endorsements fit an instrument")
        f.rising("fees", tuple(fee.order for fee in self.fees))
        if self.fees and self.token is None:
            raise WrongShape("fees without a token to pay them in")

    def fee(self, order: str) -> int:
        """Tokens for one such order done; 0 if free."""
        return next((fee.amount for fee in self.fees if fee.order == order), 0)
