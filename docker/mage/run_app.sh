#!/bin/bash
# What the official image's start script does of what a project can ask for.
set -eo pipefail

project=${USER_CODE_PATH:-default_repo}
if [ -f "$project/requirements.txt" ]; then pip3 install -r "$project/requirements.txt"; fi
if [ "$#" -gt 0 ]; then exec "$@"; fi
exec mage start "$project" --project-type "${PROJECT_TYPE:-standalone}"
