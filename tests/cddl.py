"""Holds CBOR against a rule of a CDDL file (RFC 8610), for tests.

``cddlparser`` reads the file; this walks its tree over decoded bytes. It knows what docs/ledgerpost.cddl uses and
raises NotImplementedError for the rest, so that nothing passes unlooked at. Written because the ready validators for
Python fail on it: pycddl 0.6.4 mishandles ``.cbor`` and choices between arrays inside an array, zcbor 0.9.1 cannot be
imported beside cbor2 6. ``test_cddl`` lets pycddl read the file all the same, and judge the rules it can judge.
"""

from collections.abc import Mapping
from typing import Any

import cbor2
import cddlparser
from cddlparser import ast


class Misfit(Exception):
    """The value is not what the rule says; the message tells where."""


_PRELUDE: Mapping[str, type] = {"bytes": bytes, "bstr": bytes, "tstr": str, "text": str, "bool": bool}


class Schema:
    """The rules of one CDDL text."""

    def __init__(self, text: str) -> None:
        self.rules = {rule.name.name: rule.type for rule in cddlparser.parse(text).rules}

    def validate(self, rule: str, raw: bytes) -> None:
        """Raise Misfit unless ``raw`` is one CBOR item that fits the rule."""
        self._fit(self.rules[rule], _decoded(raw, rule), rule)

    def fits(self, rule: str, raw: bytes) -> bool:
        try:
            self.validate(rule, raw)
        except Misfit:
            return False
        return True

    def _fit(self, node: Any, value: Any, at: str) -> None:
        match node:
            case ast.Type():
                self._choice(node, value, at)
            case ast.GroupEntry(occurrence=None, key=None):  # parentheses, or a rule that might be a group
                self._fit(node.type, value, at)
            case ast.Typename():
                self._named(node.name, value, at)
            case ast.Value():
                _need(_same(value, _literal(node)), at, f"{_literal(node)!r} belongs here")
            case ast.Range():
                _need(_within(value, node), at, "out of range")
            case ast.Operator():
                self._control(node, value, at)
            case ast.Tag():
                number = int(node.numericPart.literal.removeprefix("6.")) if node.numericPart else -1
                _need(isinstance(value, cbor2.CBORTag) and value.tag == number, at, f"tag {number} belongs here")
                self._fit(node.typePart, value.value, at)
            case ast.Array():
                _need(isinstance(value, list | tuple), at, "an array belongs here")
                self._array(_entries(node), list(value), at)
            case ast.Map():
                _need(isinstance(value, Mapping), at, "a map belongs here")
                self._map(_entries(node), value, at)
            case ast.Group():
                [entry] = _entries(node)
                self._fit(entry, value, at)
            case _:
                raise NotImplementedError(f"{at}: {type(node).__name__}")

    def _choice(self, node: ast.Type, value: Any, at: str) -> None:
        faults = []
        for each in node.types:
            try:
                self._fit(each, value, at)
            except Misfit as fault:
                faults.append(str(fault))
            else:
                return
        raise Misfit("; or ".join(faults))

    def _named(self, name: str, value: Any, at: str) -> None:
        if name in self.rules:
            self._fit(self.rules[name], value, at)
        elif name == "null":
            _need(value is None, at, "null belongs here")
        elif name in _PRELUDE:
            _need(type(value) is _PRELUDE[name], at, f"{name} belongs here")
        else:
            raise NotImplementedError(f"{at}: {name}")

    def _control(self, node: ast.Operator, value: Any, at: str) -> None:
        self._fit(node.type, value, at)
        if node.name.literal == "size":
            size = len(value.encode() if isinstance(value, str) else value)
            _need(_sized(size, node.controller), at, f"a size of {size} bytes")
        elif node.name.literal == "cbor":
            self._fit(node.controller, _decoded(value, at), at)
        else:
            raise NotImplementedError(f"{at}: .{node.name.literal}")

    def _array(self, entries: list[ast.GroupEntry], values: list[Any], at: str) -> None:
        if len(entries) == 1 and entries[0].occurrence is not None:
            few, many = entries[0].occurrence.n, entries[0].occurrence.m
            _need(few <= len(values) <= many, at, f"{len(values)} items where {few} to {many} belong")
            entries = entries * len(values)
        elif any(entry.occurrence is not None for entry in entries):
            raise NotImplementedError(f"{at}: an occurrence among other entries")
        _need(len(entries) == len(values), at, f"{len(values)} items where {len(entries)} belong")
        for place, (entry, value) in enumerate(zip(entries, values, strict=True)):
            self._fit(entry.type, value, f"{at}.{_name(entry) or place}")

    def _map(self, entries: list[ast.GroupEntry], value: Mapping[Any, Any], at: str) -> None:
        keys = {}
        for entry in entries:
            if entry.key is not None and isinstance(entry.key.type, ast.Value):
                keys[_literal(entry.key.type)] = entry
        if len(keys) != len(entries) or any(entry.occurrence is not None for entry in entries):
            raise NotImplementedError(f"{at}: a map whose keys are not all plain")
        _need(set(keys) == set(value), at, f"keys {sorted(value)} where {sorted(keys)} belong")
        for key, entry in keys.items():
            self._fit(entry.type, value[key], f"{at}.{key}")


def _need(holds: bool, at: str, else_: str) -> None:
    if not holds:
        raise Misfit(f"{at}: {else_}")


_SELF_DESCRIBED = b"\xd9\xd9\xf7"


def _decoded(raw: bytes, at: str) -> Any:
    try:
        if raw.startswith(_SELF_DESCRIBED):  # cbor2 swallows this tag
            return cbor2.CBORTag(55799, _decoded(raw.removeprefix(_SELF_DESCRIBED), at))
        value = cbor2.loads(raw)
        again = cbor2.dumps(value, canonical=True)
    except cbor2.CBORError as fault:
        raise Misfit(f"{at}: no CBOR: {fault}") from fault
    _need(again == raw, at, "not one item in deterministic form")
    return value


def _entries(node: ast.Array | ast.Map | ast.Group) -> list[ast.GroupEntry]:
    """The entries of the only choice; an empty ``{}`` has none."""
    if len(node.groupChoices) > 1:
        raise NotImplementedError("a choice of groups")
    return [entry for choice in node.groupChoices for entry in choice.groupEntries]


def _name(entry: ast.GroupEntry) -> str:
    return entry.key.type.name if entry.key and isinstance(entry.key.type, ast.Typename) else ""


def _literal(node: ast.Value) -> int | str:
    return int(node.value) if node.type == "number" else node.value


def _same(value: Any, literal: int | str) -> bool:
    return type(value) is type(literal) and bool(value == literal)


def _within(value: Any, node: ast.Range) -> bool:
    if not (isinstance(node.min, ast.Value) and isinstance(node.max, ast.Value)) or node.rangeop.literal:
        raise NotImplementedError("a range of names")
    return type(value) is int and int(node.min.value) <= value <= int(node.max.value)


def _sized(size: int, controller: Any) -> bool:
    match controller:
        case ast.Value():
            return size == int(controller.value)
        case ast.Type(types=[ast.Range() as span]):
            return _within(size, span)
        case ast.Group():
            [entry] = _entries(controller)
            return _sized(size, entry.type)
    raise NotImplementedError("a .size of another form")
