"""Images of Mage: those that cannot be, those of a Dockerfile, and none."""

from __future__ import annotations

import contextlib

import pytest

from harness.errors import EnvironmentNotAbleError, HarnessError, InputError
from harness.running.session import Session
from harness.services.stack import Stack
from tests.integration.docker.probe import container_of, project

pytestmark = pytest.mark.docker


NO_PYTHON = "fsouza/fake-gcs-server:1.54.0"


@contextlib.contextmanager
def mage_of(settings, **changed):
    with Stack(settings.model_copy(update=changed)) as stack:
        stack.start(["mage"])
        yield stack


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (NO_PYTHON, "has no python3"),
        ("mage-harness-nowhere.invalid/mage:1", "mage-harness-nowhere.invalid/mage:1"),
        ("Not A Name", "Not A Name"),
    ],
)
def test_an_image_that_cannot_be_mages(settings, image, words) -> None:
    with (
        pytest.raises(HarnessError, match=words) as caught,
        mage_of(settings, images={"mage": image}),
    ):
        pass
    assert isinstance(caught.value, EnvironmentNotAbleError | InputError)
    assert "remedy:" in str(caught.value)


def test_an_image_without_mage(settings, tmp_path) -> None:
    path = project(tmp_path)
    (path / "Dockerfile").write_text(
        "ARG MAGE_IMAGE\nFROM ${MAGE_IMAGE}\nUSER root\nRUN rm $(command -v mage)\n"
    )
    with (
        pytest.raises(EnvironmentNotAbleError, match="mage cannot be started"),
        Session(settings.model_copy(update={"project": path})) as session,
    ):
        session.run("probe")


def test_a_dockerfile_that_fails_names_the_step(settings, tmp_path) -> None:
    path = project(tmp_path)
    (path / "Dockerfile").write_text(
        "ARG MAGE_IMAGE\nFROM ${MAGE_IMAGE}\nRUN echo so it goes && exit 3\n"
    )
    with (
        pytest.raises(HarnessError, match=r"image of probe cannot be built(?s:.*)so it goes"),
        mage_of(settings, project=path),
    ):
        pass


def test_the_dockerfile_the_arguments_and_the_variables_of_the_image(settings, tmp_path) -> None:
    path = project(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    (other / "My.Dockerfile").write_text(
        "ARG MAGE_IMAGE\nFROM ${MAGE_IMAGE}\nARG PROJECT_NAME\nARG WORD\n"
        "ENV SAID=${PROJECT_NAME}/${WORD}\n"
    )
    chosen = {"dockerfile": other / "My.Dockerfile", "build_args": {"WORD": "two words"}}
    with mage_of(settings, project=path, **chosen) as stack:
        assert stack.mage.variables["SAID"] == "probe/two words"


def test_a_dockerfile_that_is_named_and_not_there(settings, tmp_path) -> None:
    with (
        pytest.raises(InputError, match="there is no Dockerfile"),
        mage_of(settings, dockerfile=tmp_path / "Dockerfile"),
    ):
        pass


@pytest.mark.parametrize("requirements", [None, "", "# nothing\n", "pandas\n"])
def test_a_project_without_a_dockerfile(settings, tmp_path, requirements) -> None:
    path = project(tmp_path)
    if requirements is not None:
        (path / "requirements.txt").write_text(requirements)
    with mage_of(settings, project=path) as stack:
        image = container_of(stack).attrs["Config"]["Image"]
        assert image.startswith("mage-harness/" if requirements == "pandas\n" else "mageai/mageai:")
