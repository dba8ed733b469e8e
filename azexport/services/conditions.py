"""Conditions of regulations: CEL expressions, type-checked at load, compiled once, evaluated on the server.

The language is the part of CEL that the regulations need; what is not in it is refused at load. `celpy` checks types
only while it evaluates, and `||` swallows errors there, so the check here walks the parsed expression itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import celpy
from celpy.adapter import json_to_cel
from celpy.celparser import CELParseError
from celpy.evaluation import CELEvalError
from lark import Token, Tree

from azexport.kernel.errors import AzexportError


class ConditionError(AzexportError):
    """A condition cannot be read, or its types do not fit. For the author of a regulation; never for a user."""

    code = "condition"
    status = 422


@dataclass(frozen=True)
class Type:
    """A type of the condition language."""

    name: str
    of: Type | None = None
    members: Mapping[str, Type] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        return f"{self.name}({self.of})" if self.of else self.name


BOOL, INT, DOUBLE, STRING = Type("bool"), Type("int"), Type("double"), Type("string")


def list_of(item: Type) -> Type:
    return Type("list", item)


def record(**members: Type) -> Type:
    return Type("record", None, members)


Scope = Mapping[str, Type]
Node = Tree[Token]

_ORDERED = {INT, DOUBLE, STRING}
_METHODS = {"startsWith", "endsWith", "contains", "matches"}
_MACROS = {"exists", "all"}


@lru_cache(maxsize=1024)
def _parse(expression: str) -> Node:
    try:
        return celpy.Environment().compile(expression)
    except CELParseError as error:
        raise ConditionError(f"not an expression: {expression}") from error


@lru_cache(maxsize=1024)
def _program(expression: str) -> Any:
    return celpy.Environment().program(_parse(expression))


def check(expression: str, scope: Scope) -> None:
    """The expression is a condition: every name is known, every type fits, the result is a boolean.

    Raises:
        ConditionError: saying what does not fit.
    """
    result = _Checker(scope).visit(_parse(expression))
    if result != BOOL:
        raise ConditionError(f"a condition must be true or false, this is a {result}: {expression}")


def holds(expression: str | None, context: Mapping[str, Any]) -> bool:
    """Whether a checked condition is true; no condition always is."""
    if not expression:
        return True
    try:
        return bool(_program(expression).evaluate({name: json_to_cel(value) for name, value in context.items()}))
    except CELEvalError as error:
        raise ConditionError(f"{expression}: {str(error.args[0])[:200]}") from error


class _Checker:
    """Infers the type of each node of the parsed expression."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def visit(self, node: Node | Token) -> Type:
        if isinstance(node, Token):
            raise ConditionError(f"not in the language of conditions: {node}")
        method = getattr(self, f"_{node.data}", None)
        if method is None:
            raise ConditionError(f"not in the language of conditions: {node.data}")
        result: Type = method(node.children)
        return result

    def _only(self, children: list[Any]) -> Type:
        return self.visit(children[0])

    _paren_expr = _only
    _primary = _only

    def _expr(self, children: list[Any]) -> Type:
        if len(children) == 1:
            return self.visit(children[0])
        condition, yes, no = (self.visit(child) for child in children)
        self._want(condition, BOOL, "? :")
        self._want(no, yes, "? :")
        return yes

    def _junction(self, children: list[Any]) -> Type:
        if len(children) == 1:
            return self.visit(children[0])
        for child in children:
            self._want(self.visit(child), BOOL, "&& ||")
        return BOOL

    _conditionalor = _junction
    _conditionaland = _junction

    def _binary(self, children: list[Any]) -> tuple[str, Type, Type]:
        operator, right = children
        return str(operator.data), self.visit(operator.children[0]), self.visit(right)

    def _relation(self, children: list[Any]) -> Type:
        if len(children) == 1:
            return self.visit(children[0])
        operator, left, right = self._binary(children)
        if operator == "relation_in":
            if right.name != "list" or right.of != left:
                raise ConditionError(f"{left} cannot be in {right}")
        elif left != right or (operator not in ("relation_eq", "relation_ne") and left not in _ORDERED):
            raise ConditionError(f"{left} and {right} cannot be compared ({operator})")
        return BOOL

    def _arithmetic(self, children: list[Any]) -> Type:
        if len(children) == 1:
            return self.visit(children[0])
        operator, left, right = self._binary(children)
        if left != right or left not in ({INT, DOUBLE, STRING} if operator == "addition_add" else {INT, DOUBLE}):
            raise ConditionError(f"{left} and {right} cannot be combined ({operator})")
        return left

    _addition = _arithmetic
    _multiplication = _arithmetic

    def _unary(self, children: list[Any]) -> Type:
        if len(children) == 1:
            return self.visit(children[0])
        operator, operand = str(children[0].data), self.visit(children[1])
        if operator == "unary_not":
            self._want(operand, BOOL, "!")
        elif operand not in (INT, DOUBLE):
            raise ConditionError(f"- cannot be put before a {operand}")
        return operand

    def _member(self, children: list[Any]) -> Type:
        return self.visit(children[0])

    def _member_dot(self, children: list[Any]) -> Type:
        return self._part(self.visit(children[0]), str(children[1]))

    def _member_index(self, children: list[Any]) -> Type:
        owner, index = self.visit(children[0]), children[1]
        if owner.name == "list" and owner.of is not None:
            self._want(self.visit(index), INT, "[ ]")
            return owner.of
        tokens = list(index.scan_values(lambda value: isinstance(value, Token)))
        if len(tokens) != 1 or tokens[0].type != "STRING_LIT":
            raise ConditionError(f"a {owner} is read by a name")
        return self._part(owner, str(tokens[0])[1:-1])

    def _member_dot_arg(self, children: list[Any]) -> Type:
        owner, name, arguments = self.visit(children[0]), str(children[1]), _arguments(children[2:])
        if name in _MACROS and owner.name == "list" and owner.of is not None and len(arguments) == 2:
            variable = str(next(arguments[0].scan_values(lambda value: isinstance(value, Token))))
            self._want(_Checker({**self.scope, variable: owner.of}).visit(arguments[1]), BOOL, name)
            return BOOL
        if name in _METHODS and owner == STRING and len(arguments) == 1:
            self._want(self.visit(arguments[0]), STRING, name)
            return BOOL
        raise ConditionError(f"a {owner} knows no {name}()")

    def _ident(self, children: list[Any]) -> Type:
        name = str(children[0])
        if name not in self.scope:
            raise ConditionError(f"nothing is called {name} here; known: {', '.join(sorted(self.scope))}")
        return self.scope[name]

    def _ident_arg(self, children: list[Any]) -> Type:
        name, arguments = str(children[0]), _arguments(children[1:])
        if name != "size" or len(arguments) != 1:
            raise ConditionError(f"not in the language of conditions: {name}()")
        if (owner := self.visit(arguments[0])).name not in ("list", "string"):
            raise ConditionError(f"a {owner} has no size")
        return INT

    def _literal(self, children: list[Any]) -> Type:
        kinds = {"STRING_LIT": STRING, "MLSTRING_LIT": STRING, "INT_LIT": INT, "FLOAT_LIT": DOUBLE, "BOOL_LIT": BOOL}
        if children[0].type not in kinds:
            raise ConditionError(f"not in the language of conditions: {children[0]}")
        return kinds[children[0].type]

    def _list_lit(self, children: list[Any]) -> Type:
        items = [self.visit(child) for child in children[0].children] if children else []
        if not items or any(item != items[0] for item in items):
            raise ConditionError("a list holds one or more values of one type")
        return list_of(items[0])

    def _part(self, owner: Type, name: str) -> Type:
        if owner.name != "record":
            raise ConditionError(f"a {owner} has no parts")
        if name not in owner.members:
            raise ConditionError(f"nothing is called {name} here; known: {', '.join(sorted(owner.members))}")
        return owner.members[name]

    def _want(self, found: Type, wanted: Type, where: str) -> None:
        if found != wanted:
            raise ConditionError(f"{where} wants a {wanted}, not a {found}")


def _arguments(rest: list[Any]) -> list[Node]:
    """The arguments of a call; it may have none."""
    return list(rest[0].children) if rest else []
