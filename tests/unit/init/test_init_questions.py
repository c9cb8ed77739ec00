"""Questions: each thing once, and none about what is told otherwise."""

from __future__ import annotations

import re
import subprocess
import tomllib

METADATA = """\
type: python
blocks:
- {uuid: first, type: data_loader, upstream_blocks: [], downstream_blocks: [second]}
- {uuid: second, type: data_exporter, upstream_blocks: [first], downstream_blocks: []}
"""
POSTGRES = """\
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.postgres import Postgres

@%s
def block(*args, **kwargs):
    with Postgres.with_config(ConfigFileLoader('io_config.yaml', 'default')) as loader:
        return loader.%s
"""


def asked(beginning, begin, first, second="", **more):
    files = {
        "shop/pipelines/p/metadata.yaml": METADATA,
        "shop/data_loaders/first.py": first,
        **({"shop/data_exporters/second.py": second} if second else {}),
        **more,
    }
    root = beginning(files)
    begin(root)
    file = root / "MAGE_HARNESS_QUESTIONS.md"
    return root, file.read_text() if file.exists() else ""


def test_an_address_that_is_built_is_asked_about_once(beginning, begin):
    source = (
        "import requests\n\n@data_loader\ndef load(*args, **kwargs):\n"
        "    return requests.get(f'https://a.org/{kwargs[\"code\"]}.csv')\n"
    )
    _, text = asked(beginning, begin, source)
    assert text.count("https://a.org/{code}.csv") == 1
    assert "mage-harness record p" in text


def test_a_block_without_a_file_is_told_by_the_lint_alone(beginning, begin):
    _, text = asked(beginning, begin, "import os\n")
    assert text.count("second.py") == 1
    assert "[file-missing]" in text


def test_many_unseen_things_of_one_line_stay_short(beginning, begin):
    source = (
        "import pandas as pd\n\n@data_loader\ndef load(*args, **kwargs):\n"
        "    for hour in range(24):\n        pd.read_csv(f'/home/src/{args[0]}/{hour}.csv')\n"
    )
    _, text = asked(beginning, begin, source)
    assert text.count("path of a file built at run time") == 3
    assert "; and 21 more there" in text


def test_many_recordings_of_one_line_are_one_question(beginning, begin):
    source = (
        "import pandas as pd\n\n@data_loader\ndef load(*args, **kwargs):\n"
        "    for hour in range(24):\n        pd.read_csv(f'https://a.org/{hour:02d}.csv')\n"
    )
    _, text = asked(beginning, begin, source)
    assert text.count("[missing-recording]") == 1
    assert "https://a.org/00.csv, and 23 more of this line" in text
    (line,) = re.findall("or write them with: (for url in .*; done) ", text)
    assert line.count("'https://a.org/") == 24
    shell = ["sh", "-n", "-c", line]
    assert subprocess.run(shell, check=False).returncode == 0


def test_a_table_that_is_only_written_after_it_is_read_wants_a_seed(beginning, begin):
    read = POSTGRES % ("data_loader", "load('select max(at) from shop.orders')")
    write = POSTGRES % ("data_exporter", "export(args[0], 'shop', 'orders')")
    _, text = asked(beginning, begin, read, write)
    assert "shop.orders" in text


def test_a_table_that_is_written_before_wants_none(beginning, begin):
    read = POSTGRES % ("data_exporter", "load('select max(at) from shop.orders')")
    write = POSTGRES % ("data_loader", "export(args[0], 'shop', 'orders')")
    _, text = asked(beginning, begin, write, read)
    assert "shop.orders" not in text


def test_values_that_a_name_suggests(beginning, begin):
    source = (
        "import os\n\n@data_loader\ndef load(*args, **kwargs):\n"
        "    return os.environ['Google_credentials'], int(os.environ['CHUNK_SIZE'])\n"
    )
    root, _ = asked(beginning, begin, source)
    section = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["mage-harness"]
    assert section["env"] == {"Google_credentials": "{key_file}", "CHUNK_SIZE": "100"}
