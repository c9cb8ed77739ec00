"""Which tables of a PostgreSQL the names in a statement may stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.sources.postgres_catalog import Relation
    from harness.sources.statements import Mention


class Names:
    """The relations that may be meant, by their names.

    Args:
        relations: The relations.
    """

    def __init__(self, relations: Iterable[Relation] = ()) -> None:
        self._by_name: dict[str, list[Relation]] = {}
        for relation in relations:
            self._by_name.setdefault(relation.table, []).append(relation)

    @property
    def schemas(self) -> set[str]:
        """The schemas that they are in."""
        return {one.schema for listed in self._by_name.values() for one in listed}

    def meant(self, one: Mention) -> list[Relation]:
        """The relations that a name may stand for; without a schema, those of each schema.

        Args:
            one: The name, in its parts.
        """
        found: list[Relation] = []
        for place, part in enumerate(one.parts):
            before = one.parts[place - 1] if place else ""
            named = {*self._by_name.get(part, ()), *self._by_name.get(part.lower(), ())}
            found += (
                relation
                for relation in named
                if not place or relation.schema in (before, before.lower())
            )
        return found
