"""The small value types every other module speaks in. Knows nothing of messages, files or rules."""

from typing import Final, NewType

Fingerprint = NewType("Fingerprint", bytes)
"""20 bytes: COSE key thumbprint (RFC 9679, SHA-256) of an Ed25519 public key, cut to 160 bits."""

PublicKey = NewType("PublicKey", bytes)
"""32 bytes: a checked Ed25519 public key (S4)."""

Digest = NewType("Digest", bytes)
"""32 bytes: SHA-256, the identity of a message, statement or asset (S2)."""

Number = int
"""A single-use transaction number of one party, 1 to 2^63-1 (N1)."""

Amount = int
"""A count of an asset's smallest unit, 1 to 2^63-1 in an order; a balance may be negative (issuers)."""

Moment = int
"""Seconds since 1970-01-01T00:00:00Z."""

MAX_INT: Final = 2**63 - 1
FINGERPRINT_SIZE: Final = 20
KEY_SIZE: Final = 32
DIGEST_SIZE: Final = 32
