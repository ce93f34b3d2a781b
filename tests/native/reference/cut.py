"""A minimum cut of a grid by Edmonds and Karp: the shortest paths from source to sink."""

from __future__ import annotations

from collections import deque
from typing import Any, TypeAlias

import numpy as np

Node: TypeAlias = tuple[int, int] | str
Residual: TypeAlias = dict[Node, dict[Node, int]]
SOURCE, SINK = "source", "sink"
STEPS = ((0, 1), (1, 1), (1, 0), (1, -1))  # to the neighbours that `weights` is about


def graph(weights: Any, unary: Any) -> Residual:
    """Capacities between neighbours, from the source to a pixel, and from a pixel to the sink."""
    height, width = unary.shape
    residual: Residual = {
        SOURCE: {},
        SINK: {},
        **{(y, x): {} for y, x in np.ndindex(height, width)},
    }

    def connect(a: Node, b: Node, forward: int, backward: int) -> None:
        residual[a][b], residual[b][a] = forward, backward

    for y, x in np.ndindex(height, width):
        cost = int(unary[y, x])
        connect(SOURCE, (y, x), max(cost, 0), 0)
        connect((y, x), SINK, max(-cost, 0), 0)
        for (dy, dx), weight in zip(STEPS, weights[y, x], strict=True):
            if (y + dy, x + dx) in residual:
                connect((y, x), (y + dy, x + dx), int(weight), int(weight))
    return residual


def search(residual: Residual) -> dict[Node, Node]:
    """What the source reaches, breadth first: each node and the one before it."""
    before: dict[Node, Node] = {SOURCE: SOURCE}
    queue: deque[Node] = deque([SOURCE])
    while queue:
        node = queue.popleft()
        for after, capacity in residual[node].items():
            if capacity > 0 and after not in before:
                before[after] = node
                queue.append(after)
    return before


def minimum_cut(weights: Any, unary: Any) -> tuple[int, np.ndarray]:
    """The maximum flow, and the smallest subject of least cost: what is still reached."""
    residual, flow = graph(weights, unary), 0
    while SINK in (before := search(residual)):
        path: list[tuple[Node, Node]] = []
        node: Node = SINK
        while node != SOURCE:
            path.append((before[node], node))
            node = before[node]
        amount = min(residual[a][b] for a, b in path)
        for a, b in path:
            residual[a][b] -= amount
            residual[b][a] += amount
        flow += amount
    subject = np.zeros(unary.shape, np.uint8)
    for y, x in np.ndindex(*unary.shape):
        subject[y, x] = (y, x) in before
    return flow, subject


def energy(weights: Any, unary: Any, subject: Any) -> int:
    """The cost of a division."""
    labels = subject.astype(bool)
    wide = unary.astype(np.int64)
    cost = int(wide[~labels & (wide > 0)].sum() - wide[labels & (wide < 0)].sum())
    height, width = labels.shape
    for (dy, dx), plane in zip(STEPS, np.moveaxis(weights.astype(np.int64), 2, 0), strict=True):
        here = np.s_[: height - dy, max(-dx, 0) : width - max(dx, 0)]
        there = np.s_[dy:, max(dx, 0) : width + min(dx, 0)]
        cost += int(plane[here][labels[here] != labels[there]].sum())
    return cost
