"""Specimens of papers for tests and ``scripts/print-papers``: signed for real, with usual and with extreme contents."""

from dataclasses import dataclass

from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import MAX_MEMO, Cheque
from ledgerpost.papers.contract import Head
from ledgerpost.papers.instrument import Chain, Instrument, check_chain, endorse
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.terms import DAY
from ledgerpost.prints.instruments import Shown
from ledgerpost.prints.views import Money, Party
from ledgerpost.sealed import Signer, fingerprint
from ledgerpost.terms import MAX_INT, Digest
from town import START, seed_of

BANK, DRAWER, PAYEE, *HANDS = (Signer.from_seed(seed_of(name)) for name in ("bank", "amina", "bo", "x", "y", "z"))
GRAIN = Digest(bytes(range(32)))
GRAIN_HEAD = Head("grain of Kita", "grain", 2, 10**12)
NAMES = {
    "Latin": ("Amina Diallo", "Bo Kamara", "Village Bank of Kita"),
    "Arabic": ("أمينة ديالو", "بو كمارا", "بنك القرية"),
    "Hebrew": ("אמינה (דיאלו) 12", "בו קמרה", "בנק הכפר"),
    "Devanagari": ("अमीना डियालो", "बो कामारा", "ग्राम बैंक"),
    "Chinese": ("阿米娜·迪亚洛", "博·卡马拉", "基塔村银行"),
    "Thai": ("อามีนา ดิอัลโล", "โบ คามารา", "ธนาคารหมู่บ้าน"),
}
"""Drawer, payee and bank in several scripts."""

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</bdi></span></section><section class=page>9999 gold",
    "&lt;b&gt; &amp; 'x' \"y\"",
    "\u202egnp.kcatta\u202c \u2066x\u2069 \u200f12.50",
    "Z\u0300\u0301\u0302" + "\u0337\u0489\u0310" * 18,
    "\ud800\ufffe\x00\x1b[31m\x07",
    "W" * 64,
    "國" * 64,
    "﷽" * 64,
    "*/}</style><style>.page{display:none}",
    "-->]]><!--",
)
"""Names that somebody might sign, to break out of a page."""


@dataclass(frozen=True, slots=True)
class Extremes:
    """Whether numbers and memo are as large as they may be."""

    number: int = 1_764_921_600
    amount: int = 1250
    memo: str = "for rice"


USUAL = Extremes()
LARGEST = Extremes(MAX_INT, MAX_INT, "m" * MAX_MEMO)


def chequebook(number: int, until: int = START + 365 * DAY) -> Sequence:
    """Twenty numbers up to this one."""
    return Sequence(BANK.fingerprint, DRAWER.key, max(1, number - 19), number, until, START)


def cheque(what: Extremes = USUAL, *hands: Signer, payee: Signer | None = PAYEE) -> Instrument:
    """A cheque with its chequebook, endorsed by its payee to ``hands``, one after the other."""
    to = payee.fingerprint if payee else None
    paper = Cheque(BANK.fingerprint, what.number, to, GRAIN, what.amount, START, START + 60 * DAY, what.memo)
    book = chequebook(what.number).sign(BANK)
    return _handed(Instrument(paper.sign(DRAWER), chequebook=book), DRAWER, PAYEE, *hands)


def certificate(what: Extremes = USUAL, *hands: Signer) -> Instrument:
    """A certificate that the payee bought, endorsed to ``hands``."""
    paper = Certificate(BANK.fingerprint, what.number, GRAIN, what.amount, START + 90 * DAY, PAYEE.key, 8)
    return _handed(Instrument(paper.sign(BANK)), BANK, PAYEE, *hands)


def _handed(instrument: Instrument, signer: Signer, first: Signer, *hands: Signer) -> Instrument:
    holders = (first, *hands)
    for holder, following in zip(holders, hands, strict=False):
        chain = check_chain(instrument, signer.key, BANK.fingerprint)
        instrument = endorse(chain, holder, following.key)
    return instrument


def shown(instrument: Instrument, names: tuple[str, str, str] = NAMES["Latin"], now: int = START) -> Shown:
    """An instrument as a page is told of it. ``names``: drawer, payee, bank."""
    drawer, payee, bank = names
    signer = BANK if instrument.chequebook is None else DRAWER
    chain = check_chain(instrument, signer.key, BANK.fingerprint)
    paper = chain.paper
    is_cheque = isinstance(paper, Cheque)
    buyer = Party(PAYEE.fingerprint, payee)
    return Shown(
        raw=instrument.encode(),
        paper=paper,
        first=Party(DRAWER.fingerprint, drawer) if is_cheque else buyer,
        payee=buyer if isinstance(paper, Cheque) and paper.payee else None,
        bank=Party(BANK.fingerprint, bank),
        money=Money(GRAIN, paper.amount, GRAIN_HEAD),
        hands=_hands(chain, drawer, payee),
        now=now,
    )


def _hands(chain: Chain, drawer: str, payee: str) -> tuple[Party, ...]:
    keys = [key for key in chain.holders[1:] if key is not None]
    names = [f"{drawer} {at}" for at in range(1, len(keys))] + [payee]
    return tuple(Party(fingerprint(key), name) for key, name in zip(keys, names, strict=False))
