"""A town that lives for as long as one likes, deterministically: people, couriers and banks, each by its own clock.

Everybody works with the real hands over the real core: wallets and banks of ``ledgerpost.desk`` on stores, sealed
envelopes at carriers. Seeds decide what goes wrong. After each step what must hold is checked by a plain ledger that
shares no rule with the bank (``ledger``); ``scripts/simulate`` runs it, and says how a failure is seen again.
"""
