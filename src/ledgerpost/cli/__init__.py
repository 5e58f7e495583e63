"""What people type and read. One file per group of commands; speaks, never decides.

How to write a command (``status.py`` is a short one to copy):

1. A file ``cli/NAME.py`` with ``@click.command(cls=Command)`` on top, ``@pass_talk`` below the options, and a function
   whose first parameter is the ``Talk``. A group is ``@click.group(cls=Group)``; its ``@group.command("list")`` are
   Commands by themselves. Every Command and Group has ``--json``, ``--no-input``, ``--debug`` and ``--now`` without
   asking; ``@wallet_options``, ``@office_options``, ``@yes_option`` and ``@passphrase_options`` of ``options.py`` add
   the others.
2. One line in ``table.TABLE``: where it is, and the short help, which is the first line of the docstring word for word.
3. The file is imported only when its command runs, so it may import what it needs; PIL, qrcode and pyzbar inside the
   functions that need them. ``main``, ``options`` and ``talk`` import nothing but click and ``errors``; ``start`` and
   ``table``, which answer ``--help`` and ``--version``, not even those.
4. Speak through ``talk``: ``say`` for what people read, ``note`` for prose on stderr, ``item`` for one thing of
   ``--json``. Raise a ``LedgerpostError`` to end; ``talk.trouble(error)`` to report one and go on (exit status 1).
5. Ask through ``ask.py``: ``confirm``, ``answer``, ``unlock``. They fail, naming the flag, where nobody can answer.
"""
