"""Pictures: how bytes become QR codes, and are read back from what a camera, scanner or screen made of them.

Pure: ``text`` (bytes as digits behind a URI scheme), ``frame``, ``field``, ``solving`` and ``fountain`` (a message in
many codes), ``ur``, ``bytewords`` and ``bbqr`` (the codings of other tools), ``parts`` (what a text is) and
``collection`` (what was seen of which message). Hands that draw: ``code`` and ``drawing`` (one code), ``many``,
``animation`` and ``sheet`` (many of them). Hands that read: ``reading`` (files, folders, the screen) and ``camera``; in
the child process behind them ``child``, ``ladder``, ``straightening`` and ``scanners``.

Nothing here knows what a message holds, whom it is from or what it is worth.
"""
