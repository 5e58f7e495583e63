"""Specimens of papers for tests and ``scripts/print-papers``: signed for real, with usual and with extreme contents."""

import re
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import NamedTuple

from PIL import Image

from ledgerpost.errors import Refusal
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import MAX_MEMO as MAX_MEMO
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.contract import Head
from ledgerpost.papers.instrument import Chain, Instrument, check_chain, endorse
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.terms import DAY
from ledgerpost.pictures.scanners import scanners
from ledgerpost.prints.chequebook import Leaf, chequebook_pages
from ledgerpost.prints.instruments import Shown, instrument_page
from ledgerpost.prints.key import key_page
from ledgerpost.prints.message import MessageShown, message_page
from ledgerpost.prints.receipt import Fate, Out, ReceiptShown, receipt_page
from ledgerpost.prints.tongue import tongue
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


# --- whole papers ---------------------------------------------------------------------------------------------


class Specimen(NamedTuple):
    """A paper. ``told``: what is special about it, and its codes."""

    html: str
    told: str


@cache
def papers() -> dict[str, Specimen]:
    """One of each kind, and the largest of some."""
    en, fr = tongue("en"), tongue("fr")
    made = {
        "cheque": instrument_page(shown(cheque()), en),
        "cheque-full": instrument_page(shown(cheque(LARGEST), NAMES["Arabic"]), fr),
        "cheque-endorsed": instrument_page(shown(cheque(LARGEST, *HANDS), NAMES["Devanagari"]), en),
        "certificate": instrument_page(shown(certificate(), NAMES["Chinese"]), en),
        "certificate-endorsed": instrument_page(shown(certificate(LARGEST, *HANDS), NAMES["Hebrew"]), fr),
        "certificate-long": instrument_page(shown(certificate(LARGEST, *HANDS, *HANDS, *HANDS[:2])), en),
        "chequebook": chequebook_pages([_leaf()], en),
        "receipt": receipt_page(receipt(size=1800), en),
        "key": key_page(seed_of("amina"), Party(DRAWER.fingerprint, NAMES["Thai"][0]), en),
        "letter": message_page(_letter(), en),
    }
    return {name: Specimen(html, _told(html)) for name, html in made.items()}


def _leaf() -> Leaf:
    book = chequebook(20)
    drawer, _, bank = NAMES["Latin"]
    return Leaf(book.sign(BANK), book, Party(DRAWER.fingerprint, drawer), Party(BANK.fingerprint, bank))


def _letter() -> MessageShown:
    return MessageShown(Random(2).randbytes(3000), Party(BANK.fingerprint, NAMES["Latin"][2]), START, True, ())


def _amount(units: int, name: str = "grain of Kita") -> Money:
    return Money(GRAIN, units, Head(name, "grain", 2, 10**9))


def receipt(name: str = "Amina Diallo", size: int = 900, fates: int = 3) -> ReceiptShown:
    """A receipt with so many payments, in an envelope of so many bytes."""
    who, bank = Party(DRAWER.fingerprint, name), Party(BANK.fingerprint, name)
    return ReceiptShown(
        raw=Random(1).randbytes(size),
        party=who,
        bank=bank,
        seq=7,
        time=START,
        agreed=True,
        before=(_amount(5000),),
        after=(_amount(3750, name),),
        numbers=((4, 4, START), (5, 20, START)),
        outstanding=(Out(3, _amount(1000, name), who, START), Out(4, _amount(200), None, START)),
        fates=(
            *(Fate("spendto", number, _amount(100, name), Refusal.DONE) for number in range(fates)),
            Fate("depositcheque", 9, _amount(5), Refusal.FUNDS),
            Fate("getq", None, None, Refusal.DONE),
        ),
    )


# --- codes on pages -------------------------------------------------------------------------------------------


def texts_on(page: str) -> tuple[str, ...]:
    """What zbar reads in each of a page's codes, painted from its SVG."""
    zbar = scanners()[0]
    return tuple(text for svg in re.findall(r"<svg.*?</svg>", page) for text in zbar(painted(svg)))


def painted(svg: str, module: int = 4) -> Image.Image:
    """A code's SVG as a picture."""
    (side,) = map(int, re.findall(r'viewBox="0 0 (\d+) \1"', svg))
    picture = Image.new("L", (side, side), 255)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1H\1z", svg):
        picture.paste(0, (int(x), int(y), int(x) + int(width), int(y) + 1))
    return picture.resize((side * module, side * module), Image.Resampling.NEAREST)


def _told(html: str) -> str:
    """How many codes, of which version and size: all of a paper are alike."""
    ((millimetres, modules), *others) = re.findall(r'<svg [^>]*width="([\d.]+)mm"[^>]*viewBox="0 0 (\d+) ', html)
    side = int(modules)
    count = f"{1 + len(others)} codes" if others else "one code"
    return f"{count} of version {(side - 8 - 17) // 4}, {float(millimetres) / side:.2f} mm a module"
