"""Prints: papers as pages that a person understands without the program, one HTML file each, printed by any browser.

``html`` (what is escaped, and how), ``style``, ``views`` (what a page is told of parties and money), ``codes``,
``pieces`` (what pages share), ``amounts`` (in words), ``tongue`` (a language is one file: ``english``, ``french``;
``languages`` lists them), and one file for each paper. Pure: values in, text out. A page loads and runs nothing.

Nothing here verifies: who prints a paper has read and checked it. Refuses to know files, wallets and terminals.
"""
