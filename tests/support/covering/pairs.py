"""All pairs: few cases, in which every two values of different parameters meet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import combinations, product

Case = dict[str, str]
Parameters = Mapping[str, Sequence[str]]
# A case that has, of each of these parameters, one of these values, is ruled out.
Clash = Mapping[str, Collection[str]]
Pair = tuple[str, str, str, str]


def clashes(case: Case, rules: Iterable[Clash]) -> bool:
    """Whether the values chosen so far break a rule."""
    return any(all(case.get(name) in values for name, values in rule.items()) for rule in rules)


def pairs_of(case: Case, names: Sequence[str]) -> set[Pair]:
    """The pairs of values in a whole case."""
    return {(a, case[a], b, case[b]) for a, b in combinations(names, 2)}


def completed(
    case: Case,
    parameters: Parameters,
    rules: Sequence[Clash],
    rank: Callable[[Case, str, str], object] = lambda case, name, value: 0,
) -> Case | None:
    """The case with a value for every parameter, those of lowest rank first; None if none fits."""
    name = next((name for name in parameters if name not in case), None)
    if name is None:
        return case
    about = [rule for rule in rules if name in rule]
    ranks = {value: rank(case, name, value) for value in parameters[name]}
    for value in sorted(ranks, key=ranks.__getitem__):  # type: ignore[arg-type]
        further = {**case, name: value}
        if not clashes(further, about) and (found := completed(further, parameters, rules, rank)):
            return found
    return None


def all_pairs(parameters: Parameters, rules: Sequence[Clash]) -> tuple[list[Case], set[Pair]]:
    """The cases, and the pairs that the rules leave no case for; the same at every call.

    Greedy, one case after the other (Cohen et al. 1997, "The AETG system"): it starts from a pair
    that is not covered yet, and every further value is the one that covers the most.
    """
    names = sorted(parameters, key=lambda name: -len(parameters[name]))
    ordered = {name: parameters[name] for name in names}
    missing: dict[Pair, None] = {
        (a, v, b, w): None
        for a, b in combinations(names, 2)
        for v, w in product(parameters[a], parameters[b])
    }
    used = {(name, value): 0 for name in names for value in parameters[name]}

    def rank(case: Case, name: str, value: str) -> tuple[int, int]:
        at = names.index(name)
        before = sum((n, case[n], name, value) in missing for n in names[:at] if n in case)
        after = sum((name, value, n, case[n]) in missing for n in names[at + 1 :] if n in case)
        return -before - after, used[name, value]

    cases: list[Case] = []
    impossible: set[Pair] = set()
    while missing:
        pair = next(iter(missing))
        start = {pair[0]: pair[1], pair[2]: pair[3]}
        case = None if clashes(start, rules) else completed(start, ordered, rules, rank)
        if case is None:
            impossible.add(pair)
            del missing[pair]
            continue
        cases.append(case)
        for item in case.items():
            used[item] += 1
        for pair in pairs_of(case, names):
            missing.pop(pair, None)
    return cases, impossible
