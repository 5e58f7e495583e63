"""Pictures: how bytes become QR codes, and are read back from what a camera, scanner or screen made of them.

Pure: ``text`` (bytes as digits behind a URI scheme), ``field``, ``frame``, ``fountain`` (a message in many codes),
``ur`` and ``bbqr`` (the codings of other tools), ``parts`` and ``collection`` (what was seen of which message).
Hands: ``code`` and ``drawing`` (codes as pictures), ``animation``, ``sheet`` (codes for printed pages), ``reading``
(pictures from files, folders and the screen, read in a child process), ``camera``.

Nothing here knows what a message holds, whom it is from or what it is worth.
"""
