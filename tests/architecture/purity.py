"""What the pure rooms may not say, found in their syntax trees.

The workflow sandbox guards nothing in modules passed through it, so this is the only guard of the core.
"""

import ast
from collections.abc import Iterator
from typing import NamedTuple

FORBIDDEN_MODULES = frozenset({"time", "random", "os", "secrets", "socket", "threading", "subprocess"})
FORBIDDEN_CLOCKS = frozenset({"now", "utcnow", "today"})
FORBIDDEN_CALLS = frozenset({"hash", "uuid1", "uuid4", "uuid6", "uuid7", "getnode"})
# They give the same answer in whatever order they are fed.
ORDERLESS = frozenset({"sorted", "any", "all", "len", "sum", "set", "frozenset"})
# They hand the order of their argument on.
ORDERED = frozenset({"list", "tuple", "iter", "enumerate", "zip", "map", "filter", "reversed", "join", "fromkeys"})
SET_METHODS = frozenset({"union", "intersection", "difference", "symmetric_difference", "copy"})


class Fault(NamedTuple):
    line: int
    what: str


def faults(source: str) -> list[Fault]:
    """Each forbidden thing in `source`, by line."""
    tree = ast.parse(source)
    found = [*_imports(tree), *_calls(tree), *_set_orders(tree)]
    return sorted(set(found))


def _imports(tree: ast.Module) -> Iterator[Fault]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = {alias.name.split(".")[0] for alias in node.names}
            for name in sorted(names & FORBIDDEN_MODULES):
                yield Fault(node.lineno, f"import {name}")
        elif isinstance(node, ast.ImportFrom):
            if (node.module or "").split(".")[0] in FORBIDDEN_MODULES and not node.level:
                yield Fault(node.lineno, f"import {node.module}")
            for alias in node.names:
                if alias.name == "*":
                    yield Fault(node.lineno, "star import")
                elif alias.name in FORBIDDEN_CALLS:
                    yield Fault(node.lineno, alias.name)


def _calls(tree: ast.Module) -> Iterator[Fault]:
    for node in ast.walk(tree):
        # Not only where it is called: `default_factory=datetime.now` reads the clock as well.
        if (
            isinstance(node, ast.Attribute)
            and node.attr in FORBIDDEN_CLOCKS
            and _last_name(node.value) in {"datetime", "date", "dt"}
        ):
            yield Fault(node.lineno, f"{_last_name(node.value)}.{node.attr}")
        elif isinstance(node, ast.Attribute) and node.attr in FORBIDDEN_CALLS and _last_name(node.value) == "uuid":
            yield Fault(node.lineno, node.attr)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hash":
            yield Fault(node.lineno, "hash()")


def _set_orders(tree: ast.Module) -> Iterator[Fault]:
    names = _set_names(tree)
    excused = {id(argument) for node in ast.walk(tree) for argument in _orderless_arguments(node)}
    for node in ast.walk(tree):
        for iterated in _iterated(node, excused):
            if _is_set(iterated, names):
                yield Fault(iterated.lineno, "order of a set")


def _orderless_arguments(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Call) and _last_name(node.func) in ORDERLESS:
        return node.args
    return []


def _iterated(node: ast.AST, excused: set[int]) -> Iterator[ast.expr]:
    match node:
        case ast.For() | ast.AsyncFor():
            yield node.iter
        case ast.ListComp() | ast.GeneratorExp() | ast.DictComp() if id(node) not in excused:
            yield from (generator.iter for generator in node.generators)
        case ast.Starred():
            yield node.value
        case ast.Assign(targets=[ast.Tuple() | ast.List()]):
            yield node.value
        case ast.Call(func=func) if _last_name(func) in ORDERED and id(node) not in excused:
            yield from node.args
        case ast.Call(func=ast.Attribute(attr="pop", value=value), args=[]):
            yield value


def _set_names(tree: ast.Module) -> frozenset[str]:
    """Names that are sets wherever this module gives them a value or a type."""
    sets: set[str] = set()
    others: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                (sets if _is_set(value, frozenset()) else others).add(name)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                (sets if _is_set_type(annotation) else others).add(name)
            case ast.arg(arg=name, annotation=annotation):
                (sets if annotation is not None and _is_set_type(annotation) else others).add(name)
            case ast.For(target=ast.Name(id=name)) | ast.comprehension(target=ast.Name(id=name)):
                others.add(name)
    return frozenset(sets - others)


def _is_set(node: ast.expr, names: frozenset[str]) -> bool:
    match node:
        case ast.Set() | ast.SetComp():
            return True
        case ast.Name(id=name):
            return name in names
        case ast.Call(func=ast.Name(id="set" | "frozenset")):
            return True
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in SET_METHODS:
            return _is_set(value, names)
        case ast.BinOp(left=left, right=right, op=ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor()):
            return _is_set(left, names) or _is_set(right, names)
        case ast.IfExp(body=body, orelse=orelse):
            return _is_set(body, names) or _is_set(orelse, names)
    return False


def _is_set_type(annotation: ast.expr) -> bool:
    if isinstance(annotation, ast.Subscript):
        annotation = annotation.value
    return _last_name(annotation) in {"set", "frozenset", "AbstractSet", "Set"}


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
