"""What the program offers, as data: its commands, the options that all of them share, and the words about it.

Imports no parser and no command: ``start`` prints help and version from here, ``main`` and ``options`` build on it.
"""

from typing import Final

VERSION: Final = "0.1.0"
"""As in pyproject.toml; a test compares. importlib.metadata would take longer to import than all of click's parser."""

ABOUT: Final = (
    "Banking by post: cheques and receipts that travel as files, sticks and printed codes.",
    'Begin with "ledgerpost tour", or with a bank\'s card: "ledgerpost open CARD".',
)
"""Paragraphs that say what it is for and how to begin."""

FLAGS: Final = {
    "--version": "Show the version.",
    "--json": "Print one JSON document on stdout; prose goes to stderr.",
    "--no-input": "Never ask: fail, and name the option that would have answered.",
    "--debug": "Show where in the program an error comes from.",
    "--help": "Show this message and exit.",
}
"""What the program takes before a command's name. Every command takes them too, but for the first."""

TABLE: Final = {
    "open": ("open:open_", "Open an account; the first time makes wallet and key."),
    "carry": ("carry:carry", "Put out and pick up everything at a stick or folder."),
    "status": ("status:status", "What you have, what waits, what to do next."),
    "spend": ("spend:spend", "Pay an account."),
    "cancel": ("spend:cancel", "Take back a spend that was not accepted yet."),
    "accept": ("accept:accept", "Take in a waiting spend."),
    "deny": ("accept:deny", "Send back a waiting spend."),
    "stop": ("stop:stop", "Close unused numbers."),
    "draw": ("draw:draw", "Write a cheque."),
    "take": ("take:take", "Check cheques and certificates offline, and queue them for the bank."),
    "buy": ("take:buy", "Buy a bearer certificate, which passes from hand to hand."),
    "redeem": ("take:redeem", "Turn a certificate into balance, or present a held cheque."),
    "endorse": ("take:endorse", "Hand a cheque or certificate on to somebody else."),
    "issue": ("issue:issue", "Issue an asset."),
    "show": ("show:show", "Verify and explain anything; changes nothing."),
    "statement": ("statement:statement", "Balances, numbers, outstanding spends, and what became of your orders."),
    "chequebook": ("chequebook:chequebook", "Show open numbers; order more."),
    "card": ("card:card", "Your card, to give away."),
    "contact": ("contact:contact", "Parties you know by their cards."),
    "case": ("case:case", "Gather the evidence for a judge."),
    "release": ("release:release", "Give up a claim, in writing."),
    "judge": ("judge:judge", "Say who is right, what is owed, and why."),
    "wallet": ("wallet:wallet", "Keep keys: make, choose, back up, restore."),
    "bank": ("bank:bank", "Keep a bank."),
    "spool": ("spool:spool", "Carry sealed mail for others, as a courier."),
    "tour": ("tour:tour", "See it all work, in a minute, in a folder of its own."),
    "completion": ("completion:completion", "Print a script that completes commands in your shell."),
}
"""Every command: its module and attribute under ``ledgerpost.cli``, and its short help."""
