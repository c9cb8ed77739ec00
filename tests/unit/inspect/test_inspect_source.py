"""What is seen in blocks' source."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import typer

from harness.cli.inspect import inspect_pipelines
from harness.inspect.inspection import inspect
from harness.project.reader import read_project

ROOT = Path(__file__).parents[3]
HEAD = "import os\nimport pandas as pd\nimport requests\n"


@pytest.fixture
def look(tmp_path):
    """Inspect a pipeline of one block."""

    def looked(body, *, files=None, variables="{}", head=HEAD):
        root = tmp_path / "demo"
        code = head + "\n@data_loader\ndef load(*args, **kwargs):\n"
        code += "".join(f"    {line}\n" for line in body.splitlines())
        metadata = (
            f"type: python\nvariables: {variables}\nblocks:\n"
            "- {uuid: one, type: data_loader, upstream_blocks: [], downstream_blocks: []}\n"
        )
        written = {"pipelines/p/metadata.yaml": metadata, "data_loaders/one.py": code}
        for name, text in {**written, **(files or {})}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        project = read_project(root)
        return inspect(project, project.pipeline("p"))

    return looked


def named(inspection, kind):
    return [use.name for use in inspection.uses if use.kind == kind]


@pytest.mark.parametrize(
    ("body", "urls"),
    [
        ("u = 'https://a.org/'\nreturn pd.read_csv(u + 'x.csv')", ["https://a.org/x.csv"]),
        (
            "return requests.get('https://a.org/%s-%02d' % ('x', 3))",
            ["https://a.org/x-03"],
        ),
        (
            "for m in range(1, 3):\n    requests.get(f'https://a.org/{m:02d}.csv')",
            ["https://a.org/01.csv", "https://a.org/02.csv"],
        ),
        (
            "u = 'https://a.org/{}/{n}'\nrequests.get(u.format('x', n=args[0]))",
            ["https://a.org/x/{...}"],
        ),
        (
            "if args:\n    u = 'https://a.org'\nelse:\n    u = 'https://b.org'\nrequests.get(u)",
            ["https://a.org", "https://b.org"],
        ),
        (
            "requests.get('https://a.org', params={'q': 'a b', 'n': 1})",
            ["https://a.org?q=a+b&n=1"],
        ),
        (
            "d = kwargs.get('execution_date').strftime('%Y')\nrequests.get(f'https://a.org/{d}')",
            ["https://a.org/{d}"],
        ),
        ("os.system('wget https://a.org/x.gz -O x.gz')", ["https://a.org/x.gz"]),
        ("s = requests.Session()\ns.post('https://a.org')", ["https://a.org"]),
    ],
)
def test_addresses_are_put_together(look, body, urls):
    assert named(look(body), "url") == urls


@pytest.mark.parametrize(
    ("body", "made"),
    [
        ("os.system('wget https://a.org/x.gz -O y.gz')", ["y.gz"]),
        ("os.system('wget https://a.org/b/x.gz?c=d')", ["x.gz"]),
        ("u = kwargs['u']\nos.system(f'curl -sSL https://a.org/{u} -o {u}.csv')", ["{u}.csv"]),
        ("os.system('cd x; curl -LO https://a.org/x.gz')", ["x.gz"]),
        ("os.system('curl https://a.org/x.gz | gunzip > x.csv 2>&1')", ["x.csv"]),
        ("os.system('curl -s https://a.org/x.gz')", []),
        (
            "import subprocess\nsubprocess.run(['curl', '-o', 'x.gz', 'https://a.org'], check=True)",
            ["x.gz"],
        ),
        (
            "import urllib.request\nurllib.request.urlretrieve('https://a.org/x', '/home/src/x')",
            ["/home/src/x"],
        ),
    ],
)
def test_files_that_are_fetched_by_programs_and_functions_are_written(look, body, made):
    assert [use.name for use in look(body).sinks] == made


@pytest.mark.parametrize(
    ("uri", "servers"),
    [("http://mlflow:5000", ["http://mlflow:5000"]), ("sqlite:///mlflow.db", [])],
)
def test_a_server_that_models_are_logged_to_is_one_and_a_file_is_none(look, uri, servers):
    found = look(f"import mlflow\nmlflow.set_tracking_uri('{uri}')")
    assert [use.name for use in found.of("connection")] == servers


def test_a_pattern_says_what_the_pipelines_variables_make_of_it(look):
    found = look(
        "year = int(kwargs['year'])\nreturn pd.read_csv(f'https://a.org/{year:04d}.csv')",
        variables="{year: 21}",
    )
    (use,) = found.sources
    assert (use.name, use.value, use.pattern, use.line) == (
        "https://a.org/{year}.csv",
        "https://a.org/0021.csv",
        True,
        8,
    )
    assert not found.unknown


def test_what_cannot_be_seen_is_said_with_its_line(look):
    found = look("return requests.get(args[0].url)")
    assert [(one.what.split(":")[0], one.place) for one in found.unknown] == [
        ("URL built at run time", "data_loaders/one.py:7")
    ]


def test_helper_modules_are_followed_and_named_as_the_place(look):
    found = look(
        "return fetch('taxi')",
        head="from utils.web import fetch\n",
        files={
            "utils/web.py": "import requests\nBASE = 'https://a.org'\n\n"
            "def fetch(name):\n    return requests.get(f'{BASE}/{name}').json()\n"
        },
    )
    assert [(use.name, use.place) for use in found.sources] == [
        ("https://a.org/taxi", "utils/web.py:5")
    ]
    assert named(found, "package") == ["requests"]


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (
            (
                "from sqlalchemy import create_engine\n"
                "e = create_engine('postgresql://u:p@db:5432/taxi')\n"
                "pd.DataFrame().to_sql('trips', e, schema='ny', if_exists='append')"
            ),
            ("table", "writes", "ny.trips", "postgres"),
        ),
        (
            (
                "import psycopg2\nc = psycopg2.connect(host='db', dbname='taxi').cursor()\n"
                "c.execute('with x as (select 1) select * from ny.trips join x on true')"
            ),
            ("table", "reads", "ny.trips", "postgres"),
        ),
        (
            (
                "from google.cloud import storage\n"
                "b = storage.Client().bucket('lake')\nb.blob('a/b.csv').upload_from_string('')"
            ),
            ("object", "writes", "lake/a/b.csv", "gcs"),
        ),
        (
            (
                "import pyarrow.parquet as pq\nimport pyarrow as pa\n"
                "pq.write_to_dataset(args[0], root_path='lake/t', filesystem=pa.fs.GcsFileSystem())"
            ),
            ("object", "writes", "lake/t", "gcs"),
        ),
        (
            (
                "from google.cloud import bigquery\nc = bigquery.Client()\n"
                "c.query('insert into `p.d.new` select * from `p.d.old`')"
            ),
            ("table", "writes", "p.d.new", "bigquery"),
        ),
        (
            "import boto3\nboto3.client('s3').upload_file('x.csv', 'lake', 'k.csv')",
            ("object", "writes", "lake/k.csv", "s3"),
        ),
        (
            (
                "from mage_ai.io.bigquery import BigQuery\n"
                "BigQuery.with_config(None).export(args[0], 'p.d.t', if_exists='replace')"
            ),
            ("table", "writes", "p.d.t", "bigquery"),
        ),
        (
            (
                "from mage_ai.io.postgres import Postgres\n"
                "with Postgres.with_config(None) as loader:\n"
                "    loader.sample('ny', 'trips', 10)"
            ),
            ("table", "reads", "ny.trips", "postgres"),
        ),
        ("pd.read_parquet('s3://lake/k.parquet')", ("object", "reads", "lake/k.parquet", "s3")),
        ("open('/home/src/a.json', 'w')", ("path", "writes", "/home/src/a.json", "file")),
    ],
)
def test_clients_are_known(look, body, seen):
    uses = look(body).uses
    assert seen in [(use.kind, use.access, use.name, use.service) for use in uses]


def test_passwords_of_addresses_are_not_repeated(look):
    found = look("import sqlalchemy\nsqlalchemy.create_engine('postgresql://u:geheim@db/taxi')")
    assert named(found, "connection") == ["db/taxi"]
    assert "geheim" not in str(found)


def test_variables_secrets_and_key_files(look):
    found = look(
        "from mage_ai.data_preparation.shared.secrets import get_secret_value\n"
        "os.environ['GOOGLE_APPLICATION_CREDENTIALS'] = '/home/src/key.json'\n"
        "get_secret_value('token')\nos.getenv('REGION')\nkwargs.get('limit', 5)"
    )
    assert named(found, "secret") == ["/home/src/key.json", "token"]
    assert named(found, "environment") == ["GOOGLE_APPLICATION_CREDENTIALS", "REGION"]
    assert named(found, "variable") == ["limit"]


def test_code_that_is_no_python_is_said(look):
    assert [one.what for one in look("return (").unknown] == [
        "the block's code: the file is not valid Python"
    ]


@pytest.mark.parametrize("project", ["mage_zoomcamp", "tests/projects"])
def test_every_pipeline_here_can_be_looked_at(project):
    folder = ROOT / project
    for path in [folder] if (folder / "pipelines").is_dir() else sorted(folder.iterdir()):
        if (path / "pipelines").is_dir():
            found = read_project(path)
            for pipeline in found.pipelines:
                assert inspect(found, pipeline).pipeline == pipeline.uuid


def test_the_json_is_that_of_its_schema(capsys):
    app = typer.Typer()
    app.command()(inspect_pipelines)
    with pytest.raises(SystemExit):
        app(["--all", "--json", "--project", str(ROOT / "mage_zoomcamp")])
    printed = json.loads(capsys.readouterr().out)
    jsonschema.validate(printed, json.loads((ROOT / "docs/inspect.schema.json").read_text()))
    tables = {
        use["name"]
        for one in printed["pipelines"]
        for use in one["uses"]
        if use["kind"] == "table" and use["access"] == "writes"
    }
    assert {"ny_taxi.yellow_cab_data", "mage.green_taxi"} <= tables
