"""Expressions of regulations (CEL): type-checked at load, compiled once, evaluated on the server, always bounded.

The language is the part of CEL that the regulations need; what is not in it is refused at load. `celpy` checks types
only while it evaluates, and `||` swallows errors there, so the check here walks the parsed expression itself.

    values       text 'a', number 1.5, whole number 2, true, list ['a', 'b'], and what the scope names
    operators    + - * /   == != < <= > >=   in   && || !   c ? a : b   list[0]   record.part   record["part"]
    text         s.startsWith(t) s.endsWith(t) s.contains(t) s.matches(re2) s.size() size(s)
    lists        size(l) numbers(l) l.exists(x, c) l.exists_one(x, c) l.all(x, c) l.filter(x, c) l.map(x, v) sum(l)
    numbers      double(x) int(x) string(x) min(a, b) max(a, b) round(a, places)

Bounded: an expression has at most 1,000 characters and a shallow tree, a list macro stands in no other, and text is
matched by RE2. Numbers are binary fractions while they are worked with; `money` and `round` give them half-up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

import celpy
from celpy import celtypes
from celpy.adapter import json_to_cel
from celpy.celparser import CELParseError
from celpy.evaluation import CELEvalError
from django.utils.translation import gettext_lazy as _
from lark import Token, Tree

from azexport.kernel.errors import AzexportError, Message
from azexport.services.faults import say

LONGEST = 1000
DEEPEST = 120
"""Levels of the parsed expression; one pair of brackets makes about ten."""
EXACT_DIGITS = ".14g"
"""How many digits of a binary fraction are meant: 2.675 is 2.675 again, and its half is rounded up."""


class ConditionError(AzexportError):
    """An expression cannot be read, or its types do not fit. For the author of a regulation; never for a user.

    `text` says it in both languages.
    """

    code = "condition"
    status = 422

    def __init__(self, message: Message, **values: object) -> None:
        self.text = say(message, **values)
        super().__init__(self.text["en"])


@dataclass(frozen=True)
class Type:
    """A type of the expression language."""

    name: str
    of: Type | None = None
    members: Mapping[str, Type] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return f"{self.name}({self.of})" if self.of else self.name


BOOL, INT, DOUBLE, STRING = Type("bool"), Type("int"), Type("double"), Type("string")


def list_of(item: Type) -> Type:
    return Type("list", item)


def record(**members: Type) -> Type:
    return Type("record", None, members)


Scope = Mapping[str, Type]
Node = Tree[Token]

_ENVIRONMENT = celpy.Environment()
_NUMBERS = {INT, DOUBLE}
_ORDERED = {INT, DOUBLE, STRING}
_METHODS = {"startsWith", "endsWith", "contains", "matches"}
_CONDITIONS = {"exists", "exists_one", "all", "filter"}
"""Macros whose second argument is a condition."""
_MACROS = {*_CONDITIONS, "map"}


def money(value: Any, decimals: int = 2) -> Decimal:
    """The number with so many decimals, half-up."""
    exact = value if isinstance(value, Decimal) else Decimal(format(float(value), EXACT_DIGITS))
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _sum(items: Any) -> Any:
    if items and isinstance(items[0], celtypes.IntType):
        return celtypes.IntType(sum(int(one) for one in items))
    return celtypes.DoubleType(sum(float(one) for one in items))


def _round(number: Any, places: Any) -> Any:
    return celtypes.DoubleType(float(money(number, int(places))))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sum": _sum,
    "numbers": lambda items: celtypes.ListType(celtypes.IntType(number) for number in range(1, len(items) + 1)),
    "round": _round,
    "min": lambda left, right: min(left, right),
    "max": lambda left, right: max(left, right),
}


@lru_cache(maxsize=2048)
def _parse(expression: str) -> Node:
    if len(expression) > LONGEST:
        raise ConditionError(_("the expression is longer than %(most)s characters"), most=LONGEST)
    try:
        tree: Node = _ENVIRONMENT.compile(expression)
    except (CELParseError, RecursionError) as error:
        raise ConditionError(_("not an expression: %(expression)s"), expression=expression) from error
    if _depth(tree) > DEEPEST:
        raise ConditionError(_("too much stands within each other in this expression"))
    return tree


def _depth(tree: Node) -> int:
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(child, depth + 1) for child in node.children if isinstance(child, Tree)]
    return deepest


@lru_cache(maxsize=2048)
def _program(expression: str) -> Any:
    return _ENVIRONMENT.program(_parse(expression), functions=_FUNCTIONS)


def check(expression: str, scope: Scope) -> None:
    """The expression is a condition: every name is known, every type fits, the result is a boolean.

    Raises:
        ConditionError: saying what does not fit.
    """
    result = type_of(expression, scope)
    if result != BOOL:
        raise ConditionError(
            _("a condition must be true or false, this is a %(type)s: %(expression)s"),
            type=result, expression=expression,
        )  # fmt: skip


def check_value(expression: str, scope: Scope, wanted: Iterable[Type] | None = None) -> Type:
    """The expression's type, which is one of `wanted` (any, where None).

    Raises:
        ConditionError: saying what does not fit.
    """
    types = None if wanted is None else list(wanted)
    if types == [BOOL]:
        check(expression, scope)
        return BOOL
    result = type_of(expression, scope)
    if types is not None and result not in types:
        raise ConditionError(
            _("wanted is %(wanted)s, this is a %(type)s: %(expression)s"),
            wanted=", ".join(map(str, types)), type=result, expression=expression,
        )  # fmt: skip
    return result


def type_of(expression: str, scope: Scope) -> Type:
    """The type of the expression's value.

    Raises:
        ConditionError: saying what does not fit.
    """
    return _Checker(scope).visit(_parse(expression))


def parts_named(expression: str, owner: str) -> set[str]:
    """The parts of `owner` that the expression looks at: `answers.a == answers["b"]` -> {"a", "b"}."""
    return {part for name, part in _dotted(_parse(expression)) if name == owner}


def _dotted(tree: Node) -> Iterator[tuple[str, str]]:
    for node in tree.iter_subtrees():
        if node.data not in ("member_dot", "member_index"):
            continue
        tokens = [str(one) for one in node.scan_values(lambda value: isinstance(value, Token))]
        if len(tokens) == 2:
            yield tokens[0], tokens[1].strip("'\"") if node.data == "member_index" else tokens[1]


def holds(expression: str | None, context: Mapping[str, Any]) -> bool:
    """Whether a checked condition is true; no condition always is.

    Raises:
        ConditionError: it cannot be worked out for these values (a list has no such place, text is no number).
    """
    return True if not expression else bool(_evaluated(expression, context))


def value(expression: str, context: Mapping[str, Any]) -> Any:
    """The value of a checked expression: bool, int, Decimal, str, or a list of them.

    Raises:
        ConditionError: it cannot be worked out for these values (division by zero, text that is no number).
    """
    return _plain(_evaluated(expression, context), expression)


def _evaluated(expression: str, context: Mapping[str, Any]) -> Any:
    try:
        return _program(expression).evaluate({name: json_to_cel(one) for name, one in context.items()})
    except (CELEvalError, ArithmeticError, RecursionError) as error:
        raise ConditionError(
            _("%(expression)s: %(fault)s"), expression=expression, fault=str(error.args[0])[:200]
        ) from error


def _plain(result: Any, expression: str) -> Any:
    if isinstance(result, bool | celtypes.BoolType):
        return bool(result)
    if isinstance(result, float):
        number = Decimal(format(float(result), EXACT_DIGITS))
        if not number.is_finite():
            raise ConditionError(_("%(expression)s: there is no such number"), expression=expression)
        return number
    if isinstance(result, int):
        return int(result)
    if isinstance(result, list):
        return [_plain(one, expression) for one in result]
    if isinstance(result, Mapping):
        return {str(name): _plain(one, expression) for name, one in result.items()}
    return str(result)


class _Checker:
    """Infers the type of each node of the parsed expression."""

    def __init__(self, scope: Scope, *, in_macro: bool = False) -> None:
        self.scope = scope
        self.in_macro = in_macro

    def visit(self, node: Node | Token) -> Type:
        if isinstance(node, Token):
            raise ConditionError(_("not in the language of conditions: %(what)s"), what=node)
        method = getattr(self, f"_{node.data}", None)
        if method is None:
            raise ConditionError(_("not in the language of conditions: %(what)s"), what=node.data)
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
                raise ConditionError(_("%(left)s cannot be in %(right)s"), left=left, right=right)
        elif left != right or (operator not in ("relation_eq", "relation_ne") and left not in _ORDERED):
            raise ConditionError(
                _("%(left)s and %(right)s cannot be compared (%(operator)s)"), left=left, right=right, operator=operator
            )
        return BOOL

    def _arithmetic(self, children: list[Any]) -> Type:
        if len(children) == 1:
            return self.visit(children[0])
        operator, left, right = self._binary(children)
        fitting = {"addition_add": _ORDERED, "multiplication_mod": {INT}}.get(operator, _NUMBERS)
        if left != right or left not in fitting:
            raise ConditionError(
                _("%(left)s and %(right)s cannot be combined (%(operator)s)"),
                left=left, right=right, operator=operator,
            )  # fmt: skip
        return left

    _addition = _arithmetic
    _multiplication = _arithmetic

    def _unary(self, children: list[Any]) -> Type:
        if len(children) == 1:
            return self.visit(children[0])
        operator, operand = str(children[0].data), self.visit(children[1])
        if operator == "unary_not":
            self._want(operand, BOOL, "!")
        elif operand not in _NUMBERS:
            raise ConditionError(_("- cannot be put before a %(type)s"), type=operand)
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
            raise ConditionError(_("a %(type)s is read by a name"), type=owner)
        return self._part(owner, str(tokens[0])[1:-1])

    def _member_dot_arg(self, children: list[Any]) -> Type:
        owner, name, arguments = self.visit(children[0]), str(children[1]), _arguments(children[2:])
        if name in _MACROS and owner.name == "list" and owner.of is not None and len(arguments) == 2:
            return self._macro(owner, name, arguments)
        if name in _METHODS and owner == STRING and len(arguments) == 1:
            self._want(self.visit(arguments[0]), STRING, name)
            return BOOL
        if name == "size" and not arguments and owner.name in ("list", "string"):
            return INT
        raise ConditionError(_("a %(type)s knows no %(name)s()"), type=owner, name=name)

    def _macro(self, owner: Type, name: str, arguments: list[Node]) -> Type:
        # One list walked within another could take the server's time: each macro is one walk.
        if self.in_macro:
            raise ConditionError(_("%(name)s() cannot stand within another list macro"), name=name)
        assert owner.of is not None
        words = list(arguments[0].scan_values(lambda value: isinstance(value, Token)))
        if len(words) != 1 or words[0].type != "IDENT":
            raise ConditionError(_("%(name)s() names each item with one word"), name=name)
        found = _Checker({**self.scope, str(words[0]): owner.of}, in_macro=True).visit(arguments[1])
        if name == "map":
            return list_of(found)
        self._want(found, BOOL, name)
        return owner if name == "filter" else BOOL

    def _ident(self, children: list[Any]) -> Type:
        name = str(children[0])
        if name not in self.scope:
            raise ConditionError(
                _("nothing is called %(name)s here; known: %(known)s"), name=name, known=", ".join(sorted(self.scope))
            )
        return self.scope[name]

    def _ident_arg(self, children: list[Any]) -> Type:
        name, arguments = str(children[0]), [self.visit(one) for one in _arguments(children[1:])]
        if name != "size" or len(arguments) != 1:
            return self._function(name, arguments)
        if arguments[0].name not in ("list", "string"):
            raise ConditionError(_("a %(type)s has no size"), type=arguments[0])
        return INT

    def _function(self, name: str, arguments: list[Type]) -> Type:
        first = arguments[0] if arguments else None
        fits = {
            "double": len(arguments) == 1 and first in _ORDERED,
            "int": len(arguments) == 1 and first in _NUMBERS,
            "string": len(arguments) == 1 and first in _ORDERED,
            "sum": len(arguments) == 1 and first in (list_of(DOUBLE), list_of(INT)),
            "numbers": len(arguments) == 1 and first is not None and first.name == "list",
            "min": len(arguments) == 2 and first in _NUMBERS and arguments[1] == first,
            "max": len(arguments) == 2 and first in _NUMBERS and arguments[1] == first,
            "round": arguments == [DOUBLE, INT],
        }
        if name not in fits:
            raise ConditionError(_("not in the language of conditions: %(what)s"), what=f"{name}()")
        if not fits[name]:
            raise ConditionError(
                _("%(name)s() does not take %(types)s"), name=name, types=", ".join(map(str, arguments)) or "-"
            )
        assert first is not None
        if name == "sum":
            assert first.of is not None
            return first.of
        given = {"double": DOUBLE, "int": INT, "string": STRING, "round": DOUBLE, "numbers": list_of(INT)}
        return given.get(name, first)

    def _literal(self, children: list[Any]) -> Type:
        kinds = {"STRING_LIT": STRING, "MLSTRING_LIT": STRING, "INT_LIT": INT, "FLOAT_LIT": DOUBLE, "BOOL_LIT": BOOL}
        if children[0].type not in kinds:
            raise ConditionError(_("not in the language of conditions: %(what)s"), what=children[0])
        return kinds[children[0].type]

    def _list_lit(self, children: list[Any]) -> Type:
        items = [self.visit(child) for child in children[0].children] if children else []
        if not items or any(item != items[0] for item in items):
            raise ConditionError(_("a list holds one or more values of one type"))
        return list_of(items[0])

    def _part(self, owner: Type, name: str) -> Type:
        if owner.name != "record":
            raise ConditionError(_("a %(type)s has no parts"), type=owner)
        if name not in owner.members:
            raise ConditionError(
                _("nothing is called %(name)s here; known: %(known)s"),
                name=name, known=", ".join(sorted(owner.members)) or "-",
            )  # fmt: skip
        return owner.members[name]

    def _want(self, found: Type, wanted: Type, where: str) -> None:
        if found != wanted:
            raise ConditionError(
                _("%(where)s wants a %(wanted)s, not a %(found)s"), where=where, wanted=wanted, found=found
            )


def _arguments(rest: list[Any]) -> list[Node]:
    """The arguments of a call; it may have none."""
    return list(rest[0].children) if rest else []
