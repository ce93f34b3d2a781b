"""Small changes of the syntax tree of a module, each of which a test should notice.

A change is an `Edit`.  It replaces one node, or drops it from a list.  Text is not changed, because
tests do not judge the wording of errors.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_COMPARED: dict[type, type] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_NEGATED = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
_COMPUTED: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# Not behaviour, or only the wording of an error.
_SKIPPED = (ast.JoinedStr, ast.Import, ast.ImportFrom, ast.Assert, ast.Global, ast.Nonlocal)


@dataclass(frozen=True)
class Place:
    """Where a node is: its function, the outermost function, its statement and that one's lines.

    `statement` is the one at the level of the module, and `inner` the one that holds the node.
    """

    name: str = ""
    outermost: ast.FunctionDef | ast.AsyncFunctionDef | None = None
    lines: range = range(0)
    statement: ast.stmt | None = None
    inner: ast.stmt | None = None


@dataclass(frozen=True)
class Edit:
    """A change: `holder.field`, or its element `index`, becomes `new`."""

    holder: ast.AST
    field: str
    index: int | None
    old: Any
    new: Any  # None drops an element of a list
    place: Place
    line: int

    @property
    def change(self) -> str:
        """What changes, as text."""
        if isinstance(self.holder, (ast.Compare, ast.BoolOp, ast.BinOp, ast.AugAssign)) and (
            isinstance(self.old, (ast.cmpop, ast.boolop, ast.operator))
        ):
            before = ast.unparse(self.holder)
            self.apply()
            after = ast.unparse(self.holder)
            self.revert()
            return f"{before} -> {after}"
        if isinstance(self.old, list):  # arguments that change places
            texts = [", ".join(map(ast.unparse, nodes)) for nodes in (self.old, self.new)]
            return " -> ".join(texts)
        text = f"{_text(self.old)} -> {_text(self.new)}"
        short = (ast.Constant, ast.UnaryOp) if text.startswith("-") else ast.Constant
        if isinstance(self.old, short) and self.place.inner is not None:
            text += f" in {ast.unparse(self.place.inner).splitlines()[0]}"
        return text

    def apply(self) -> None:
        """Make the change."""
        self._put(self.new)

    def revert(self) -> None:
        """Take it back."""
        if self.index is not None and self.new is None:
            getattr(self.holder, self.field).insert(self.index, self.old)
        else:
            self._put(self.old)

    def _put(self, node: Any) -> None:
        if self.index is None:
            setattr(self.holder, self.field, node)
        elif node is None:
            del getattr(self.holder, self.field)[self.index]
        else:
            getattr(self.holder, self.field)[self.index] = node


def edits(tree: ast.Module) -> list[Edit]:
    """All changes of a module."""
    return [
        edit
        for index, statement in enumerate(tree.body)
        for edit in _of(statement, tree, "body", index, Place())
    ]


def _of(node: Any, holder: ast.AST, field: str, index: int | None, at: Place) -> Iterator[Edit]:
    """The changes of a node and of all below it."""
    if isinstance(node, _SKIPPED) or _is_docstring(node) or _is_no_behaviour(node):
        return
    at = _place(node, at)
    line = getattr(node, "lineno", at.lines.start)
    for new in _replacements(node):
        yield Edit(holder, field, index, node, new, at, line)
    yield from _inside(node, at, line)
    if isinstance(node, ast.Raise):
        return  # the rest is the wording of an error
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_comment"):
            continue
        if isinstance(value, list):
            for position, child in enumerate(value):
                if isinstance(child, ast.AST):
                    yield from _of(child, node, name, position, at)
        elif isinstance(value, ast.AST):
            yield from _of(value, node, name, None, at)


def _place(node: Any, at: Place) -> Place:
    name, outermost, statement, inner = at.name, at.outermost, at.statement, at.inner
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        name = f"{name}.{node.name}".lstrip(".")
    if not at.lines and isinstance(node, ast.stmt):
        statement = node
    lines = at.lines
    if isinstance(node, ast.stmt):
        inner = node
        body = getattr(node, "body", None)
        last = node.end_lineno or node.lineno
        if isinstance(body, list) and body:  # the header of a block
            last = max(node.lineno, body[0].lineno - 1)
        lines = range(node.lineno, last + 1)
    if isinstance(node, _FUNCTIONS) and outermost is None:
        outermost = node
    return Place(name, outermost, lines, statement, inner)


def _replacements(node: Any) -> Iterator[Any]:
    """What may stand in the place of a node."""
    if isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub, ast.Invert)):
        yield node.operand
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield _like(ast.Return(ast.Constant(None)), node)
    elif isinstance(node, ast.Raise) or _is_effect(node):
        yield _like(ast.Pass(), node)
    elif isinstance(node, ast.Continue):
        yield _like(ast.Break(), node)
    elif isinstance(node, ast.Break):
        yield _like(ast.Continue(), node)


def _constants(node: ast.Constant) -> Iterator[ast.Constant]:
    if isinstance(node.value, bool):
        yield _like(ast.Constant(not node.value), node)
    elif isinstance(node.value, (int, float)) and node.value + 1 != node.value:
        yield _like(ast.Constant(node.value + 1), node)


def _inside(node: Any, at: Place, line: int) -> Iterator[Edit]:
    """Changes of the parts of a node that are no nodes with a place of their own."""
    if isinstance(node, ast.Compare):
        for index, operator in enumerate(node.ops):
            yield Edit(node, "ops", index, operator, _COMPARED[type(operator)](), at, line)
    elif isinstance(node, ast.BoolOp) and not _is_text(node.values[-1]):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield Edit(node, "op", None, node.op, other, at, line)
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and not _is_text(node):
        yield Edit(node, "op", None, node.op, _COMPUTED[type(node.op)](), at, line)
    elif isinstance(node, (ast.If, ast.While)) or (
        isinstance(node, ast.IfExp) and not (_is_text(node.body) or _is_text(node.orelse))
    ):
        if not _has_opposite(node.test):
            yield Edit(node, "test", None, node.test, _negated(node.test), at, line)
    elif isinstance(node, ast.comprehension):
        for index, test in enumerate(node.ifs):
            if not _has_opposite(test):
                yield Edit(node, "ifs", index, test, _negated(test), at, line)
    elif isinstance(node, ast.Call) and ast.unparse(node.func) not in ("isinstance", "issubclass"):
        yield from _arguments(node, at, line)


def _arguments(node: ast.Call, at: Place, line: int) -> Iterator[Edit]:
    for index, keyword in enumerate(node.keywords):
        if keyword.arg not in (None, "strict") and not _is_text(keyword.value):
            yield Edit(node, "keywords", index, keyword, None, at, line)
    for i in range(len(node.args) - 1):
        pair = node.args[i : i + 2]
        if any(isinstance(one, ast.Starred) or _is_text(one) for one in pair):
            continue
        if ast.dump(pair[0]) != ast.dump(pair[1]):
            swapped = [*node.args[:i], pair[1], pair[0], *node.args[i + 2 :]]
            yield Edit(node, "args", None, node.args, swapped, at, line)


def _negated(test: ast.expr) -> Any:
    return _like(ast.UnaryOp(ast.Not(), test), test)


def _has_opposite(test: ast.expr) -> bool:
    """Whether another change already turns the condition round."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return True
    return (
        isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], _NEGATED)
    )


def _is_text(node: Any) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.BinOp):
        return _is_text(node.left) or _is_text(node.right)
    if isinstance(node, ast.AugAssign):
        return _is_text(node.value)
    if isinstance(node, ast.BoolOp):
        return _is_text(node.values[-1])
    if isinstance(node, ast.IfExp):
        return _is_text(node.body) or _is_text(node.orelse)
    return isinstance(node, ast.JoinedStr)


def _is_none(node: Any) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_docstring(node: Any) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_effect(node: Any) -> bool:
    """Whether the statement only acts: a call, or a value for an attribute or an element."""
    if isinstance(node, ast.AugAssign):
        return not _is_text(node)
    if isinstance(node, ast.Assign):
        return isinstance(node.targets[0], (ast.Attribute, ast.Subscript))
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


def _is_no_behaviour(node: Any) -> bool:
    """Whether it is a type, code for a type checker, or a check of our own code."""
    if isinstance(node, ast.keyword):
        return node.arg == "strict"  # of zip: like an assertion
    if isinstance(node, ast.AnnAssign):
        return ast.unparse(node.annotation) == "TypeAlias"
    if isinstance(node, ast.Assign):
        return ast.unparse(node.value).startswith(("Literal[", "Callable[", "TypeVar("))
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _text(node: Any) -> str:
    return "nothing" if node is None else ast.unparse(node)


def _like(node: Any, old: Any) -> Any:
    """The node with the place of another."""
    return ast.fix_missing_locations(ast.copy_location(node, old))
