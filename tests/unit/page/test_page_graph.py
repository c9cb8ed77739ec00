from __future__ import annotations

from itertools import combinations

import pytest

from harness.page.graph import HEIGHT, WIDTH, drawing


def places(drawn):
    return {node.uuid: (node.x, node.y) for node in drawn.nodes}


def test_a_block_stands_below_all_that_it_waits_for():
    upstream = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"], "late": ["d", "a"]}
    at = places(drawing(list(upstream), upstream))

    assert all(at[one][1] > at[above][1] for one, uuids in upstream.items() for above in uuids)
    assert at["b"][1] == at["c"][1]


def test_lines_that_could_cross_do_not():
    upstream = {"top": [], "a": ["top"], "b": ["top"], "of_b": ["b"], "of_a": ["a"]}
    upstream |= {f"leaf{n}": ["a" if n % 2 else "of_b"] for n in range(4)}
    at = places(drawing(list(upstream), upstream))
    crossing = [
        (one, other)
        for one, other in combinations([(up, at[down]) for down in at for up in upstream[down]], 2)
        if one[1][1] == other[1][1]
        and (at[one[0]][0] - at[other[0]][0]) * (one[1][0] - other[1][0]) < 0
    ]

    assert crossing == []


@pytest.mark.parametrize(
    "upstream",
    [
        {f"b{n}": [f"b{n - 1}"] if n else [] for n in range(200)},
        {f"b{n}": ["b0"] if n else [] for n in range(200)},
        {f"b{n}": [f"b{n // 3}"] if n else [] for n in range(200)},
    ],
    ids=["chain", "star", "tree"],
)
def test_200_blocks_have_their_places_and_the_drawing_stays_narrow(upstream):
    drawn = drawing(list(upstream), upstream)

    boxes = list(places(drawn).values())
    assert len(boxes) == 200
    assert not [
        pair
        for pair in combinations(boxes, 2)
        if abs(pair[0][0] - pair[1][0]) < WIDTH and abs(pair[0][1] - pair[1][1]) < HEIGHT
    ]
    assert all(0 <= x <= drawn.width - WIDTH and 0 <= y <= drawn.height - HEIGHT for x, y in boxes)
    assert drawn.width < 1_500
    assert len(drawn.edges) == 199


def test_a_circle_an_edge_to_nowhere_and_one_to_itself_are_drawn_as_far_as_they_go():
    drawn = drawing(["a", "b", "c"], {"a": ["c", "gone"], "b": ["a"], "c": ["b", "c"]})

    assert {node.uuid for node in drawn.nodes} == {"a", "b", "c"}
    assert {(edge.source, edge.target) for edge in drawn.edges} == {
        *(("c", "a"), ("a", "b"), ("b", "c"), ("c", "c")),
    }


def test_no_blocks_are_an_empty_drawing():
    assert drawing([], {}).nodes == ()
