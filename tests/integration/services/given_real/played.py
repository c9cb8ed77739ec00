"""What the tests on a played Google Cloud project share."""

from __future__ import annotations

PROJECT = "my-real-project"


def refusal(status, message="no"):
    reason = {403: "accessDenied", 409: "duplicate"}.get(status, "backendError")
    error = {"code": status, "message": message, "errors": [{"reason": reason}]}
    return {"error": error}


def datasets(client):
    return sorted(one.dataset_id for one in client.list_datasets())


def commands(guardian):
    return [key for key in guardian._orders if key[0] == "command"]
