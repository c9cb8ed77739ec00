"""A workflow of GitHub that runs the tests."""

from __future__ import annotations

FILE = ".github/workflows/mage-harness.yml"
_TEXT = """\
# The tests of the Mage pipelines: real runs against private services, without any account.
name: mage-harness

on:
  push:
  pull_request:

permissions:
  contents: read

jobs:
  pipelines:
    runs-on: ubuntu-24.04
    timeout-minutes: 60
    env:
      MAGE_HARNESS_CACHE: ${{{{ github.workspace }}}}/.cache/mage-harness
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
        with:
          persist-credentials: false
      - uses: actions/setup-python@a309ff8b426b58ec0e2a45f0f869d46889d02405 # v6.2.0
        with:
          python-version: "3.11"
      - name: Mage's environment, from the cache
        uses: actions/cache@cdf6c1fa76f9f475f3d7449005a359c84ca0f306 # v5.0.3
        with:
          path: .cache/mage-harness/mage
          key: mage-${{{{ hashFiles('**/requirements.txt', 'pyproject.toml') }}}}
      - name: Network namespaces for this user
        run: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0
      - run: python -m pip install mage-harness pytest
      - run: python -m pytest {tests}
"""


def workflow_text(tests: str) -> str:
    """The text of the workflow.

    Args:
        tests: The folder of the tests, relative to the repository.
    """
    return _TEXT.format(tests=tests)
