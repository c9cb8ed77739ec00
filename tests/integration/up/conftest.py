"""A project whose pipeline copies a table of the private PostgreSQL."""

from __future__ import annotations

import pytest

FILES = {
    "pyproject.toml": '[tool.mage-harness]\nproject = "shop"\n',
    "fixtures/seeds/postgres/public.zones.csv": "id,borough\n1,Newark\n2,Queens\n",
    "shop/metadata.yaml": "project_type: standalone\n",
    "shop/io_config.yaml": """default:
  POSTGRES_HOST: "{{ env_var('NOBODY_SETS_IT') }}"
  POSTGRES_PORT: 1
  POSTGRES_USER: theirs
  POSTGRES_PASSWORD: theirs
  POSTGRES_DBNAME: theirs
  POSTGRES_CONNECTION_METHOD: ssh_tunnel
""",
    "shop/pipelines/orders/metadata.yaml": """name: orders
uuid: orders
type: python
blocks:
- {name: copy, uuid: copy, type: custom, language: python, upstream_blocks: [],
   downstream_blocks: []}
""",
    "shop/custom/copy.py": """from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.postgres import Postgres

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def copy(*args, **kwargs):
    with Postgres.with_config(ConfigFileLoader()) as postgres:
        zones = postgres.load('SELECT * FROM public.zones')
        postgres.export(zones, 'shop', 'orders', index=False, if_exists='replace')
""",
}


@pytest.fixture
def place(tmp_path):
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return tmp_path
