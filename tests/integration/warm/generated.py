"""Pipelines that are drawn: blocks of pieces that print, log, read, compute, fail and keep things."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_BEGIN = {
    "data_loader": "    data = pd.DataFrame({'number': range(%(rows)d), 'kind': ['a', None] * %(half)d})",
    "transformer": "    data = data.copy()",
    "data_exporter": "    data = data.head(%(rows)d)",
}
_PIECES = (
    "    print('said', len(data), sorted(data.columns))",
    "    kwargs['logger'].info(f'logged {len(data)}')",
    "    print('to errors', file=sys.stderr)",
    "    warnings.warn('warned of %(rows)d')",
    "    data['drawn'] = np.random.default_rng(%(rows)d).normal(size=len(data))",
    "    data['drawn'] = [random.Random(%(rows)d).random()] * len(data)",
    "    data['day'] = pd.Timestamp('2021-02-01') + pd.to_timedelta(data.index, unit='D')",
    "    data['words'] = data['kind'].fillna('none').astype('category')",
    "    data = data[data['number'] %% %(divisor)d == 0]",
    "    data = data.sort_values('number', ascending=False)",
    "    data['least'] = np.minimum(data['number'], %(divisor)d)",
    "    print(sorted(kwargs), os.environ.get('TZ'), sys.argv[0].rpartition('/')[2])",
    "    threading.Thread(target=print, args=('from a thread',)).start(); time.sleep(0.01)",
    "    print(subprocess.run(['echo', 'of a program'], capture_output=True, text=True).stdout)",
    "    pathlib.Path(tempfile.gettempdir(), 'file').write_text('kept')",
    "    logging.getLogger('own').warning('warned by %(divisor)d')",
    "    keep.append(open(os.path.join(tempfile.gettempdir(), 'left'), 'w')); keep[-1].write('open')",
    "    atexit.register(print, 'at the end', %(divisor)d)",
    "    print(pl.from_pandas(data[['number']]).sum().to_dicts())",
)
_FAILURES = (
    "    raise ValueError('refused by %(divisor)d')",
    "    data['missing']",
    "    sys.exit(%(divisor)d)",
    "    assert len(data) < 0, 'there are some'",
)
_IMPORTS = (
    *("atexit", "logging", "os", "pathlib", "random", "subprocess", "sys", "tempfile", "threading"),
    *("time", "warnings", "numpy as np", "pandas as pd", "polars as pl"),
)


def write_drawn(folder: Path, *, seed: int) -> Path:
    """Write a project of one pipeline, and say where it is.

    Args:
        folder: An empty folder.
        seed: What it is drawn by; the same project for the same seed.
    """
    draw = random.Random(seed)
    kinds = ["data_loader", *["transformer"] * draw.randint(1, 3), "data_exporter"]
    failing = draw.randrange(len(kinds)) if draw.random() < 0.4 else None
    names = [f"block_{number}" for number in range(len(kinds))]
    # In a row: what blocks print that run side by side is mixed in a cold run too.
    upstream = [names[max(0, number - 1) : number] for number in range(len(kinds))]
    lines = ["name: drawn", "uuid: drawn", "type: python", "blocks:"]
    for number, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        below = [other for other, above in zip(names, upstream, strict=True) if name in above]
        lines += [f"- name: {name}", f"  uuid: {name}", f"  type: {kind}", "  language: python"]
        lines += [f"  upstream_blocks: {upstream[number]}", f"  downstream_blocks: {below}"]
        code = folder / f"{kind}s" / f"{name}.py"
        code.parent.mkdir(exist_ok=True)
        code.write_text(_code(draw, kind, failing=number == failing))
    pipeline = folder / "pipelines" / "drawn" / "metadata.yaml"
    pipeline.parent.mkdir(parents=True)
    pipeline.write_text("\n".join(lines) + "\n")
    (folder / "metadata.yaml").write_text("project_type: standalone\nhelp_improve_mage: false\n")
    return folder


def _code(draw: random.Random, kind: str, *, failing: bool) -> str:
    facts = {"half": draw.randint(1, 40), "divisor": draw.randint(1, 5)}
    facts["rows"] = 2 * facts["half"]
    pieces = draw.sample(_PIECES, draw.randint(1, 6))
    if failing:
        pieces.insert(draw.randrange(len(pieces) + 1), draw.choice(_FAILURES))
    given = "" if kind == "data_loader" else "data, "
    lines = [
        *(f"import {name}" for name in _IMPORTS),
        f"if '{kind}' not in globals():",
        f"    from mage_ai.data_preparation.decorators import {kind}",
        "if 'test' not in globals():",
        "    from mage_ai.data_preparation.decorators import test",
        "keep = []",
        f"@{kind}",
        f"def work({given}*args, **kwargs):",
        _BEGIN[kind] % facts,
        *(piece % facts for piece in pieces),
        *(["    return data"] if kind != "data_exporter" else []),
        *(["@test", "def holds(*args) -> None:", "    assert args"] if draw.random() < 0.5 else []),
    ]
    return "\n".join(lines) + "\n"
