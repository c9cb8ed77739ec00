"""The throw-away key of Google's is taken as it is; any other is proven as ever."""

from __future__ import annotations

import json
from types import SimpleNamespace

from harness.tap import SITE


def test_only_the_throw_away_key_is_not_proven(monkeypatch, tmp_path) -> None:
    monkeypatch.syspath_prepend(SITE)
    from mage_harness_tap.google_keys import _Key

    loads = []

    class Signer:
        @classmethod
        def from_string(cls, key, key_id=None):
            return "proven", key, key_id

        def __init__(self, key, key_id=None) -> None:
            self.made = key, key_id

    def load(content, **how):
        loads.append((content, how))
        return "a key"

    module = SimpleNamespace(
        RSASigner=Signer, serialization=SimpleNamespace(load_pem_private_key=load)
    )
    file = tmp_path / "key.json"
    file.write_text(json.dumps({"private_key": "own"}))
    key = _Key(str(file))
    key._take_as_it_is(module)
    assert key.instead_of({})["private_key"] == "own"

    assert Signer.from_string("another", "1") == ("proven", "another", "1")
    assert loads == []
    assert Signer.from_string("own", "1").made == ("a key", "1")
    assert loads == [(b"own", {"password": None, "unsafe_skip_rsa_key_validation": True})]
