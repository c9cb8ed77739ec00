"""An image that is missing is pulled with progress, or its absence explained."""

from __future__ import annotations

import gc

import pytest

from harness.containers import images
from harness.containers.engine import connect
from harness.containers.images import ensure_image, missing
from harness.errors import EnvironmentNotAbleError, ServiceError

IMAGE = {"Id": "sha256:1", "Architecture": "amd64", "Os": "linux"}


@pytest.fixture
def lines():
    return []


@pytest.fixture
def engine(fake):
    with connect() as engine:
        yield engine


def appears(fake, stream, events):
    """The image is there once it has been pulled."""

    def pull(_query):
        fake.answers["GET /images/some:1/json"] = IMAGE
        return 200, stream(events)

    fake.answers["POST /images/create"] = pull


def test_an_image_that_is_there_is_not_pulled(fake, engine, lines):
    fake.answers["GET /images/some:1/json"] = IMAGE
    ensure_image(engine, "some:1", progress=lines.append)
    assert lines == []
    assert not any("create" in key for key, _, _ in fake.asked)


def test_progress_is_one_line_over_all_layers(fake, stream, engine, lines, monkeypatch):
    monkeypatch.setattr(images, "_INTERVAL", 0.0)
    appears(
        fake,
        stream,
        [
            {"status": "Pulling from library/some", "id": "1"},
            {"status": "Pulling fs layer", "id": "x"},
            {"status": "Already exists", "id": "w"},
            {
                "status": "Downloading",
                "id": "x",
                "progressDetail": {"current": 2e6, "total": 4e6},
            },
            {"status": "Pull complete", "id": "x", "progressDetail": {}},
            {"status": "Status: Downloaded newer image"},
        ],
    )
    ensure_image(engine, "some:1", progress=lines.append)
    assert lines[0] == "image some:1: pulling it"
    assert "image some:1: 1 of 2 layers, 2 of 4 MB" in lines
    assert lines[-1] == "image some:1: pulled"
    [query] = [query for key, query, _ in fake.asked if key == "POST /images/create"]
    assert query == {"fromImage": ["some"], "tag": ["1"]}


def test_progress_is_told_now_and_then_only(fake, stream, engine, lines):
    event = {"status": "Downloading", "id": "x", "progressDetail": {"current": 1, "total": 9}}
    appears(fake, stream, [event] * 500)
    ensure_image(engine, "some:1", progress=lines.append)
    assert len(lines) < 10


def test_without_a_tag_it_is_the_latest_and_not_all(fake, stream, engine, lines):
    fake.answers["POST /images/create"] = stream([{"error": "manifest unknown"}])
    with pytest.raises(EnvironmentNotAbleError):
        ensure_image(engine, "some", progress=lines.append)
    [query] = [query for key, query, _ in fake.asked if key == "POST /images/create"]
    assert query["tag"] == ["latest"]


REASONS = [
    (
        "toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading",
        "rate limit",
        "docker login",
    ),
    (
        "manifest for postgres:99 not found: manifest unknown: manifest unknown",
        "no image or tag",
        "name and tag are right",
    ),
    (
        "pull access denied for nothere, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
        "no such image, or",
        "docker login",
    ),
    (
        "Head https://ghcr.io/v2/x/manifests/1: unauthorized: authentication required",
        "who you are",
        "docker login",
    ),
    (
        'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host',
        "cannot be reached",
        "docker/build.py",
    ),
    (
        'Get "https://registry-1.docker.io/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
        "cannot be reached",
        "proxy",
    ),
    (
        'Get "https://r/v2/": x509: certificate signed by unknown authority',
        "cannot be reached",
        "docker pull",
    ),
    (
        "no matching manifest for linux/arm64/v8 in the manifest list entries",
        "kind of processor",
        "`images`",
    ),
    ("something new", "refused", "`images`"),
]


@pytest.mark.parametrize(("detail", "cause", "remedy"), REASONS)
@pytest.mark.parametrize("early", [True, False])
def test_why_it_cannot_be_pulled(fake, stream, engine, lines, detail, cause, remedy, early):
    fake.answers["POST /images/create"] = (
        (500, {"message": detail}) if early else stream([{"status": "Pulling"}, {"error": detail}])
    )
    with pytest.raises(EnvironmentNotAbleError, match="some:1") as caught:
        ensure_image(engine, "some:1", progress=lines.append)
    assert not isinstance(caught.value, ServiceError)
    assert cause in caught.value.cause
    assert remedy in caught.value.remedy
    assert detail in "\n".join(caught.value.evidence)


def test_a_full_disk(fake, stream, engine, lines):
    detail = "failed to register layer: write /usr/lib/x: no space left on device"
    fake.answers["POST /images/create"] = stream([{"error": detail}])
    with pytest.raises(EnvironmentNotAbleError, match="disk is full") as caught:
        ensure_image(engine, "some:1", progress=lines.append)
    assert "docker system df" in caught.value.remedy


def test_a_name_that_is_none():
    error = missing("UPPER", "invalid reference format: repository name must be lowercase")
    assert "no name of an image" in error.cause


def test_a_name_that_the_engine_refuses_when_it_is_looked_for(fake, engine, lines):
    detail = "no such image: A b: invalid reference format: repository name must be lowercase"
    fake.answers["GET /images/A%20b/json"] = (400, {"message": detail})
    with pytest.raises(EnvironmentNotAbleError, match="A b") as caught:
        ensure_image(engine, "A b", progress=lines.append)
    assert "no name of an image" in caught.value.cause
    assert not lines


def test_an_image_for_another_processor_is_told(fake, engine, lines):
    fake.answers["GET /images/some:1/json"] = IMAGE | {"Architecture": "arm64"}
    ensure_image(engine, "some:1", progress=lines.append)
    [line] = lines
    assert "arm64" in line
    assert "amd64" in line


# The client leaves the socket open that it could not connect.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_an_engine_that_went_away(fake, engine, lines):
    assert engine.client
    fake.stop()
    with pytest.raises(ServiceError, match="does not answer any more") as caught:
        ensure_image(engine, "some:1", progress=lines.append)
    assert "systemctl status docker" in caught.value.remedy
    del caught
    gc.collect()
