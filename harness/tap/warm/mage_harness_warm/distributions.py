"""Which distribution a package is of, found out beforehand for folders of libraries.

Google's libraries ask it of all that is installed when they are imported, to look at versions.
"""

import importlib.metadata
import sys
from importlib.machinery import PathFinder
from typing import Any, Dict, List, Mapping, Optional, Tuple

from .codes import state_of

_Found = Mapping[str, List[str]]
_known: Dict[str, Tuple[Any, _Found]] = {}
_real: Any = getattr(importlib.metadata, "packages_distributions", None)


def keep() -> None:
    """Find it out for the folders in which modules are looked for by now."""
    if _real is None:
        # Python 3.8 and 3.9 cannot be asked it.
        return
    whole = list(sys.path)
    try:
        for place in whole:
            sys.path[:] = [place]
            _known[place] = state_of(place), _real()
    finally:
        sys.path[:] = whole
    importlib.metadata.packages_distributions = _packages_distributions


def _packages_distributions() -> Dict[str, List[str]]:
    known = [_known_of(place) for place in sys.path]
    finders = [one for one in sys.meta_path if hasattr(one, "find_distributions")]
    found: Dict[str, List[str]] = {}
    if None in known or finders != [PathFinder]:
        return dict(_real())
    for place in filter(None, known):
        for package, names in place.items():
            found.setdefault(package, []).extend(names)
    return found


def _known_of(place: str) -> Optional[_Found]:
    """What is known of a folder; None where it has distributions that are not known."""
    state, found = _known.get(place, (None, None))
    if found is not None and state == state_of(place):
        return found
    others = next(iter(importlib.metadata.distributions(path=[place])), None)
    return {} if others is None else None
