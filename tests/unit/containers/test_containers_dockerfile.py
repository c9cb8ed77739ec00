"""Which images a Dockerfile builds on."""

from __future__ import annotations

import pytest

from harness.containers.dockerfile import parents


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FROM postgres:16", ["postgres:16"]),
        ("# a comment\n\nfrom  postgres:16  as x\nRUN y", ["postgres:16"]),
        ("FROM --platform=linux/amd64 a:1 AS x\nFROM x\nFROM x AS y\nFROM b", ["a:1", "b"]),
        ("FROM a AS Build\nFROM b\nCOPY --from=build /x /y\nCOPY --from=0 /x /y", ["a", "b"]),
        ("FROM a\nCOPY --chown=1:1 --from=busybox:1 /x /y", ["a", "busybox:1"]),
        ("FROM scratch\nCOPY x /", []),
        ("ARG V=16\nFROM postgres:$V", ["postgres:16"]),
        ('ARG V="16"\nFROM postgres:${V}', ["postgres:16"]),
        ("ARG V\nFROM postgres:${V:-15}", ["postgres:15"]),
        ("ARG V=1\nFROM postgres${V:+:16}", ["postgres:16"]),
        ("ARG A=1\nARG B=${A}2\nFROM x:$B", ["x:12"]),
        ("ARG V=1\nFROM a\nARG V=2\nFROM b:$V", ["a", "b:1"]),
        ("FROM \\\n  # in between\n  a:1 \\\n  AS x\nRUN echo \\\n  FROM b", ["a:1"]),
        ("# escape=`\nFROM `\n a:1", ["a:1"]),
        ("# syntax=docker/dockerfile:1\nFROM a@sha256:00", ["a@sha256:00"]),
        ("FROM registry.example:5000/a/b:c", ["registry.example:5000/a/b:c"]),
        ("FROM a\nFROM a", ["a"]),
        ("", []),
    ],
)
def test_parents(text, found):
    assert list(parents(text, build_args={})) == found


def test_build_arguments_go_before_defaults_and_only_declared_ones_count():
    text = "ARG IMAGE=a\nARG OTHER\nFROM ${IMAGE}\nFROM b:${UNDECLARED}1"
    given = {"IMAGE": "mine:2", "UNDECLARED": "x"}
    assert parents(text, build_args=given) == ("mine:2", "b:1")
