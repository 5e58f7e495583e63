"""What the tour tells: who does what, and what is typed."""

from typing import Final, NamedTuple


class Step(NamedTuple):
    """Somebody runs a command; ``words`` are typed after ``ledgerpost``. ``status``: how it ends."""

    who: str
    words: str
    status: int = 0


class Copy(NamedTuple):
    """Somebody copies a wallet, to do with the copy what the wallet refuses."""

    who: str
    copy: str


BANK, AMINA, BO, DINA, COPY, STICK = "bank", "amina", "bo", "dina", "copy", "stick"


CHEATING: Final = 8


def _trip(who: str, bank: int = 0) -> tuple[Step, ...]:
    """``bank``: how it ends there; with 8 where proof of cheating comes to its counter."""
    return (Step(who, f"carry {STICK}"), Step(BANK, f"bank desk {STICK} --once", bank), Step(who, f"carry {STICK}"))


PAPER: Final[tuple[str | Step | Copy, ...]] = (
    "Dina keeps a shop. Bo writes her three cheques at home; she checks each offline, and presents the third first.",
    Step(DINA, "open bank-and-grain.lpe --name Dina --no-passphrase --yes"),
    Step(DINA, "card -o dina.lpe"),
    *_trip(DINA),
    Step(BO, "contact add dina.lpe"),
    Step(BO, "draw Dina 1 grain --memo first --yes -o first.lpe"),
    Step(BO, "draw Dina 2 grain --memo second --yes -o second.lpe"),
    Step(BO, "draw Dina 3 grain --memo third --yes -o third.lpe"),
    Step(DINA, "take third.lpe"),
    *_trip(DINA),
    Step(DINA, "take first.lpe second.lpe"),
    *_trip(DINA),
    *_trip(BO),
    *_trip(BO),
    "Bo has 6.50 left. On a copy of his wallet he writes a cheque of 6; then he pays Amina 6. The cheque bounces.",
    Step(AMINA, "card -o amina.lpe"),
    Step(BO, "contact add amina.lpe"),
    Copy(BO, COPY),
    Step(COPY, "draw Dina 0.50 grain --yes -o spare.lpe"),
    Step(COPY, "draw Dina 6 grain --memo 'for the cow' --yes -o cow.lpe"),
    Step(BO, "spend Amina 6 grain --yes"),
    *_trip(BO),
    Step(DINA, "take cow.lpe"),
    *_trip(DINA),
    "Bo writes Amina a small cheque, under the number that is on Dina's. She is paid; Dina holds the proof.",
    Step(BO, "draw Amina 0.25 grain --yes -o small.lpe"),
    Step(AMINA, "take small.lpe"),
    *_trip(AMINA),
    Step(DINA, "redeem 5"),
    *_trip(DINA, CHEATING),
    Step(DINA, "case 5 -o case-cheque.lpe"),
    Step(DINA, "show case-cheque.lpe"),
    "Whoever is asked to judge needs nothing but the file.",
    Step("judge", "judge case-cheque.lpe --page verdict.html"),
    "A certificate: Amina buys it and endorses it to Bo. He endorses it to Dina, and on a copy back to Amina.",
    Step(AMINA, "buy 2 grain --yes"),
    *_trip(AMINA),
    Step(AMINA, "endorse 3 Bo --yes -o hand-1.lpe"),
    Step(BO, "take hand-1.lpe --hold"),
    Copy(BO, f"{COPY}-2"),
    Step(BO, "endorse 3 Dina --yes -o hand-2.lpe"),
    Step(f"{COPY}-2", "endorse 3 Amina --yes -o hand-2-again.lpe"),
    Step(DINA, "take hand-2.lpe"),
    *_trip(DINA),
    "Dina was first and is paid. Amina, in whose hands the other copy came back, holds the proof of who signed twice.",
    Step(AMINA, "take hand-2-again.lpe"),
    *_trip(AMINA, CHEATING),
    Step(AMINA, "case 3 -o case-certificate.lpe"),
    Step(AMINA, "show case-certificate.lpe"),
    Step("judge", "judge case-certificate.lpe"),
    *_trip(AMINA),
)


STORY: Final[tuple[str | Step | Copy, ...]] = (
    "Somebody founds a bank and gives its card away.",
    Step(BANK, "bank found kita --display-name 'Toy Bank of Kita' --no-passphrase"),
    Step(BANK, "bank card -o bank.lpe"),
    "Amina opens an account and issues grain: a promise of hers, with her contract. Her letter goes by stick.",
    Step(AMINA, "open bank.lpe --name Amina --no-passphrase --yes"),
    Step(AMINA, "issue grain.txt --yes"),
    *_trip(AMINA),
    "Bo asks for an account too, and hands Amina his card. She pays him before his letter has reached the bank.",
    Step(BANK, "bank card -o bank-and-grain.lpe"),
    Step(BO, "open bank-and-grain.lpe --name Bo --no-passphrase --yes"),
    Step(BO, "card -o bo.lpe"),
    Step(AMINA, "contact add bo.lpe"),
    Step(AMINA, "spend Bo 12.50 grain --comment 'for the roof' --yes"),
    *_trip(AMINA),
    "Bo's letter: the answer brings his account, and what waits for him. He accepts it.",
    *_trip(BO),
    Step(BO, "accept --all --yes"),
    *_trip(BO),
    "Amina pays him once more, and hears with the answer that the first is accepted. Then she takes the second back.",
    Step(AMINA, "spend Bo 3 grain --yes"),
    *_trip(AMINA),
    Step(AMINA, "cancel 2 --yes"),
    *_trip(AMINA),
    *PAPER,
    "Everybody has a signed statement, and the bank's books sum to zero.",
    Step(AMINA, "status"),
    Step(BO, "statement"),
    Step(BANK, "bank audit"),
)

CONTRACT: Final = """\
ledgerpost contract 1
name: grain of Kita
unit: grain
decimals: 2
limit: 100000

Amina hands out one measure of grain from her store for 1.00 grain.
"""
