"""The shipped pipelines on services that are there already: the same run, the same expectations."""

from __future__ import annotations

import contextlib
from functools import partial

import pytest

from harness.errors import ServiceError, SettingsError
from harness.expect import Expect
from harness.mage import Mage
from harness.running.session import Session
from harness.services.given import real
from harness.services.given.real_credentials import SignIn
from harness.services.stack import Stack
from harness.settings import load_settings

ENV = {"TAXI_BUCKET": "{gcs_bucket}"}


def run_and_expect(session: Session) -> None:
    """What a test of an author does, whatever the services are."""
    stack = session.stack
    session.reset()
    mage = Mage(session)
    expect = Expect(
        postgres=lambda: stack.postgres, gcs=lambda: stack.gcs, bigquery=lambda: stack.bigquery
    )
    mage.run("api_to_postgres")
    expect.table("ny_taxi.yellow_cab_data").rows(9_110)
    mage.run("api_to_gcs")
    expect.objects(stack.gcs.bucket, "nyc_taxi_data/").rows(9_110)
    dataset = stack.bigquery.values()["bigquery_dataset"]
    mage.run("gcs_to_bigquery", variables={"bq_dataset_name": dataset})
    expect.bigquery(f"{dataset}.yellow_cab_data").rows(9_110)


@pytest.fixture
def shared(mage_settings):
    """A stack that plays the servers of somebody else, with things of his."""
    with Stack(mage_settings) as stack:
        stack.start(["postgres", "gcs", "bigquery"])
        stack.postgres.execute("CREATE TABLE kept AS SELECT 1 AS a")
        with contextlib.closing(stack.gcs.client()) as client:
            client.create_bucket("precious").blob("kept.csv").upload_from_string("a\n1\n")
        with stack.bigquery.client() as client:
            client.create_dataset("precious")
            client.query("CREATE TABLE precious.kept AS SELECT 1 AS a").result()
        yield stack
        names = [sink.name for sink in stack.inventory()]
        assert names == ["precious.kept", "precious/kept.csv", "public.kept"]


def databases(stack: Stack) -> set[str]:
    found = stack.postgres.query("SELECT datname FROM pg_database")
    return set(found["datname"].to_pylist())


def test_on_addresses_everything_is_as_on_private_services_and_nothing_stays(
    mage_settings, shared
) -> None:
    before = databases(shared)
    notes: list[str] = []
    settings = mage_settings.model_copy(
        update={
            "postgres": shared.postgres.url,
            "gcs": shared.gcs.endpoint,
            "bigquery": shared.bigquery.url,
            "env": {**mage_settings.env, **ENV},
        }
    )
    with Session(settings, progress=notes.append) as session:
        run_and_expect(session)
        assert databases(shared) - before == {session.stack.postgres.database}
    assert databases(shared) == before
    assert any("statements that fail" in note for note in notes)
    assert not any(shared.postgres.password in note for note in notes)


def test_on_a_real_google_cloud_only_the_throw_away_bucket_and_dataset_are_used(
    mage_settings, shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The emulators ask for no token; the pipelines' blocks want a service account's key.
    sign_in = SignIn(file=shared.google.key_file, type="service_account")
    played = partial(
        real.real_project,
        sign_in=sign_in,
        gcs=shared.gcs.endpoint,
        bigquery=shared.bigquery.url,
    )
    monkeypatch.setattr(real, "real_project", played)
    settings = load_settings(
        start=mage_settings.project, options={"real_google": shared.settings.gcp_project}
    )
    settings = settings.model_copy(update={"env": {**settings.env, **ENV}})
    with Session(settings) as session:
        run_and_expect(session)
        assert session.stack.gcs.bucket.startswith("mage-harness-")
        names = {sink.name.partition("/")[0] for sink in session.stack.gcs.inventory()}
        assert names == {session.stack.gcs.bucket}


def test_a_real_project_cannot_be_set_where_it_is_not_typed(tmp_path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.mage-harness]\nreal_google = 'mine'\n")
    with pytest.raises(SettingsError, match="cannot be set in a file") as caught:
        load_settings(start=tmp_path)
    assert "--real-google" in caught.value.remedy
    with pytest.raises(SettingsError, match="variable"):
        load_settings(start=tmp_path.parent, environ={"MAGE_HARNESS_REAL_GOOGLE": "mine"})
    with pytest.raises(SettingsError, match="recording cannot be set") as recording:
        load_settings(start=tmp_path.parent, environ={"MAGE_HARNESS_RECORD": "true"})
    assert "mage-harness record" in recording.value.remedy


@pytest.mark.parametrize(
    "update",
    [
        {"real_google": "my-project", "provider": "docker"},
        {"real_google": "my-project", "gcs": "http://localhost:4443"},
        {"real_google": "my-project", "bigquery": "http://localhost:9050"},
    ],
)
def test_what_cannot_go_together_is_refused_before_anything_starts(mage_settings, update) -> None:
    with (
        pytest.raises(SettingsError) as caught,
        Stack(mage_settings.model_copy(update=update)) as stack,
    ):
        stack.start()
    assert caught.value.remedy


def test_an_address_where_nobody_listens_is_one_clear_error(mage_settings) -> None:
    settings = mage_settings.model_copy(update={"gcs": "http://127.0.0.1:9"})
    with Stack(settings) as stack, pytest.raises(ServiceError) as caught:
        stack.start(["gcs"])
    assert "http://127.0.0.1:9" in str(caught.value)
    assert caught.value.remedy
