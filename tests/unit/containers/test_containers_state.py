"""What a reader is told of images that a project's Dockerfile builds on."""

from __future__ import annotations

import pytest

from harness.services.docker.state import image_state
from harness.settings import Settings


@pytest.fixture
def project(tmp_path):
    (tmp_path / "shop" / "pipelines").mkdir(parents=True)
    (tmp_path / "shop" / "metadata.yaml").write_text("project_type: standalone\n")
    return tmp_path / "shop"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("FROM own:1\n", " on own:1, which is there"),
        ("ARG MAGE_IMAGE\nFROM $MAGE_IMAGE\n", " on mageai/mageai:0.9.80, which will be pulled"),
        (
            "FROM own:1 AS a\nFROM other:2\nCOPY --from=a /x /x\n",
            " on own:1, which is there, and other:2, which will be pulled",
        ),
        ("FROM scratch\n", ""),
    ],
)
def test_the_images_of_a_dockerfile(fake, project, text, told):
    fake.answers["GET /images/own:1/json"] = {"Id": "sha256:1"}
    (project / "Dockerfile").write_text(text)
    state = image_state("mage", Settings(project=project, mage_version="0.9.80"))
    assert state == f"built from {project / 'Dockerfile'}{told}"
