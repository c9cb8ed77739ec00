"""A pipeline as a drawing: each block below those that it waits for, with few crossings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WIDTH, HEIGHT = 208, 54
_ACROSS, _DOWN, _MARGIN = 28, 44, 12
_A_ROW = 6
"""Blocks beside each other; a wider layer takes several rows."""
_SWEEPS = 6


@dataclass(frozen=True, kw_only=True)
class Node:
    """A block's place: the upper left corner of its box, in pixels."""

    uuid: str
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A line from one block to the next, as the path of an SVG."""

    source: str
    target: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A pipeline's drawing, in pixels."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def drawing(blocks: Sequence[str], upstream: Mapping[str, Iterable[str]]) -> Drawing:
    """Place blocks and their edges.

    Args:
        blocks: The blocks' uuids, in order.
        upstream: For a block, those above it; what is no block is passed over.
    """
    graph = nx.DiGraph()
    graph.add_nodes_from(blocks)
    known = set(blocks)
    edges = [(one, uuid) for uuid in blocks for one in upstream.get(uuid, ()) if one in known]
    graph.add_edges_from(edges)
    rows = [row for layer in _ordered(_without_circles(graph)) for row in _rows(layer)]
    width = max((_extent(len(row)) for row in rows), default=0)
    nodes = {
        uuid: Node(
            uuid=uuid,
            x=_MARGIN + (width - _extent(len(row))) / 2 + column * (WIDTH + _ACROSS),
            y=_MARGIN + number * (HEIGHT + _DOWN),
        )
        for number, row in enumerate(rows)
        for column, uuid in enumerate(row)
    }
    return Drawing(
        width=width + 2 * _MARGIN,
        height=len(rows) * (HEIGHT + _DOWN) - _DOWN + 2 * _MARGIN if rows else 0,
        nodes=tuple(nodes[uuid] for uuid in blocks),
        edges=tuple(_edge(nodes[one], nodes[other]) for one, other in edges),
    )


def _without_circles(graph: nx.DiGraph) -> nx.DiGraph:
    """The graph without an edge of each circle; a run says by itself that there is one."""
    straight = graph.copy()
    while not nx.is_directed_acyclic_graph(straight):
        straight.remove_edge(*nx.find_cycle(straight)[-1][:2])
    return straight


def _ordered(graph: nx.DiGraph) -> list[list[str]]:
    """Layers from the top, each ordered by where its neighbours stand (barycentres)."""
    layers = [list(layer) for layer in nx.topological_generations(graph)]
    place: dict[str, float] = {}
    for layer in layers:
        _placed(layer, place)
    # The last one goes down, as the eye does.
    for sweep in range(_SWEEPS + 1):
        down = sweep % 2 == 0
        beside = graph.pred if down else graph.succ
        for layer in layers if down else reversed(layers):
            middle = {one: _middle(one, beside[one], place) for one in layer}
            layer.sort(key=middle.__getitem__)
            _placed(layer, place)
    return layers


def _placed(layer: Sequence[str], place: dict[str, float]) -> None:
    """Note where each stands, from 0 to 1: layers differ in length."""
    place.update((uuid, (at + 0.5) / len(layer)) for at, uuid in enumerate(layer))


def _middle(one: str, beside: Iterable[str], place: Mapping[str, float]) -> float:
    places = [place[other] for other in beside]
    return sum(places) / len(places) if places else place[one]


def _rows(layer: Sequence[str]) -> list[Sequence[str]]:
    return [layer[at : at + _A_ROW] for at in range(0, len(layer), _A_ROW)]


def _extent(count: int) -> float:
    return count * (WIDTH + _ACROSS) - _ACROSS


def _edge(source: Node, target: Node) -> Edge:
    x1, y1 = source.x + WIDTH / 2, source.y + HEIGHT
    x2, y2 = target.x + WIDTH / 2, target.y
    bend = max(abs(y2 - y1) / 2, _DOWN / 2)
    path = f"M{x1:g} {y1:g}C{x1:g} {y1 + bend:g} {x2:g} {y2 - bend:g} {x2:g} {y2:g}"
    return Edge(source=source.uuid, target=target.uuid, path=path)
