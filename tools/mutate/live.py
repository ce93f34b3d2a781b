"""Changes of modules that are imported already: functions get new code, names new values."""

from __future__ import annotations

import ast
import copy
import gc
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tools.mutate.mutants import Edit

_FUTURE = ast.parse("from __future__ import annotations").body


class Live:
    """The functions and modules of some files."""

    def __init__(self, paths: set[str]) -> None:
        self._functions: dict[tuple[str, int, str], list[FunctionType]] = {}
        for one in gc.get_objects():
            if isinstance(one, FunctionType) and one.__code__.co_filename in paths:
                code = one.__code__
                key = (code.co_filename, code.co_firstlineno, code.co_name)
                self._functions.setdefault(key, []).append(one)

    def change(self, tree: ast.Module, path: Path, edit: Edit) -> Callable[[], None] | None:
        """What makes the change; None if only a new import shows it."""
        edit.apply()
        try:
            if edit.place.outermost is not None:
                return self._code(tree, path, edit.place.outermost)
            if isinstance(edit.place.statement, ast.ClassDef):
                return _field(path, edit)
            return _value(path, edit.place.statement)
        finally:
            edit.revert()

    def _code(self, tree: ast.Module, path: Path, function: Any) -> Callable[[], None] | None:
        lines = [function.lineno, *(node.lineno for node in function.decorator_list)]
        place = (min(lines), function.name)
        codes = _codes(compile(tree, str(path), "exec", dont_inherit=True))
        new = next(one for one in codes if (one.co_firstlineno, one.co_name) == place)
        live = self._functions.get((str(path), *place), [])
        if not live or any(new.co_freevars != one.__code__.co_freevars for one in live):
            return None
        if any(new == one.__code__ for one in live):
            return partial(_set_defaults, path, live, copy.deepcopy(function.args))
        return partial(_set_code, live, new)


def _set_code(functions: list[FunctionType], code: CodeType) -> None:
    for function in functions:
        function.__code__ = code


def _set_defaults(path: Path, functions: list[FunctionType], arguments: ast.arguments) -> None:
    space = vars(_owner(path))
    for function in functions:
        function.__defaults__ = tuple(_evaluated(one, space) for one in arguments.defaults)
        function.__kwdefaults__ = {
            argument.arg: _evaluated(one, space)
            for argument, one in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if one is not None
        }


def _field(path: Path, edit: Edit) -> Callable[[], None] | None:
    """What gives another default to a field of a dataclass."""
    fields = [one for one in ast.walk(edit.place.statement or edit.holder) if _holds(one, edit)]
    if not fields or not isinstance(edit.place.statement, ast.ClassDef):
        return None
    field: Any = copy.deepcopy(fields[0])
    return partial(_set_field, path, edit.place.statement.name, field.target.id, field.value)


def _holds(node: ast.AST, edit: Edit) -> bool:
    if not isinstance(node, ast.AnnAssign) or node.value is None:
        return False
    return isinstance(node.target, ast.Name) and node.lineno in edit.place.lines


def _set_field(path: Path, name: str, field: str, default: ast.expr) -> None:
    space = vars(_owner(path))
    kind, value = space[name], _evaluated(default, space)
    setattr(kind, field, value)
    init = kind.__init__
    if field in (init.__kwdefaults__ or {}):
        init.__kwdefaults__[field] = value
    else:
        positional = init.__code__.co_varnames[: init.__code__.co_argcount]
        last = positional[-len(init.__defaults__) :]
        pairs = zip(last, init.__defaults__, strict=True)
        init.__defaults__ = tuple(value if one == field else old for one, old in pairs)


def _evaluated(node: ast.expr, space: dict[str, Any]) -> Any:
    return eval(compile(ast.Expression(node), "default", "eval", dont_inherit=True), space)


def _owner(path: Path) -> ModuleType:
    modules = [one for one in [*sys.modules.values()] if isinstance(one, ModuleType)]
    return next(one for one in modules if getattr(one, "__file__", None) == str(path))


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _value(path: Path, statement: ast.stmt | None) -> Callable[[], None] | None:
    """What runs a statement that gives a value to a name, also where the name is imported."""
    if isinstance(statement, ast.Assign):
        target = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign):
        target = statement.target
    else:
        return None
    if not isinstance(target, ast.Name):
        return None
    module = ast.Module([*_FUTURE, statement], [])
    code = compile(module, str(path), "exec", dont_inherit=True)
    return partial(_set_value, path, target.id, code)


def _set_value(path: Path, name: str, code: CodeType) -> None:
    owner = _owner(path)
    modules = [one for one in [*sys.modules.values()] if isinstance(one, ModuleType)]
    old = vars(owner)[name]
    exec(code, vars(owner))
    for module in modules:
        if vars(module).get(name) is old:
            setattr(module, name, vars(owner)[name])
