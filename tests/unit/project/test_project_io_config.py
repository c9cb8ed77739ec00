from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Template

from harness.errors import ProjectError
from harness.project.io_config import entries, minimal, overlay, profile_names

VALUES = {
    "POSTGRES_HOST": "127.0.0.1",
    "POSTGRES_PORT": "5999",
    "POSTGRES_PASSWORD": 'a"b\\: #é',
    "GOOGLE_SERVICE_ACC_KEY_FILEPATH": "/private/key.json",
}


def as_mage(text: str, **variables: str):
    """As ConfigFileLoader reads it: Jinja first, then PyYAML."""
    rendered = Template(text).render(
        env_var=lambda name, default=None: variables.get(name, default),
        mage_secret_var=lambda name: f"secret {name}",
    )
    return yaml.full_load(rendered)


def test_keys_of_every_profile_are_replaced_and_the_rest_stays_word_for_word():
    text = (
        "version: 0.1.1\n"
        "default:\n"
        "  # Postgres\n"
        "  POSTGRES_HOST: prod.example.com  # the real one\n"
        "  POSTGRES_PORT: 5432\n"
        "  POSTGRES_USER: '010'\n"
        "  MY_OWN: 010\n"
        "  MY_LIST: [a, 'b', yes]\n"
        "  MY_TEXT: |\n    two\n    lines {{ env_var('T') }}\n"
        "dev:\n"
        '  POSTGRES_HOST: "{{ env_var("PG") }}"\n'
        "  QUOTED: \"{{ env_var('X') }}\"\n"
        "  BARE: {{ env_var('X') }}\n"
        "  SECRET: {{ mage_secret_var('s') }}\n"
    )
    result = as_mage(overlay(text, VALUES), X="12", T="t")
    assert result["default"] == {
        "POSTGRES_HOST": "127.0.0.1",
        "POSTGRES_PORT": "5999",
        "POSTGRES_PASSWORD": 'a"b\\: #é',
        "POSTGRES_USER": "010",
        "MY_OWN": 8,
        "MY_LIST": ["a", "b", True],
        "MY_TEXT": "two\nlines t\n",
    }
    assert result["dev"] == {
        "POSTGRES_HOST": "127.0.0.1",
        "POSTGRES_PORT": "5999",
        "POSTGRES_PASSWORD": 'a"b\\: #é',
        "QUOTED": "12",
        "BARE": 12,
        "SECRET": "secret s",
    }
    assert result["version"] == "0.1.1"
    assert "\"{{ env_var('X') }}\"" in overlay(text, VALUES)


def test_a_service_that_a_profile_does_not_have_is_not_added():
    result = as_mage(overlay("default:\n  SNOWFLAKE_USER: me\n  MINE: 1\n", VALUES))
    assert result == {"default": {"SNOWFLAKE_USER": "me", "MINE": 1}}


def test_an_inline_service_account_key_gives_way_to_the_key_file():
    text = (
        "default:\n"
        "  GOOGLE_SERVICE_ACC_KEY:\n    type: service_account\n"
        "    private_key: |\n      -----BEGIN-----\n"
        "  AFTER: 1\n"
        "last:\n  GOOGLE_SERVICE_ACC_KEY: {type: x}\n"
    )
    result = as_mage(overlay(text, VALUES))
    assert result == {
        "default": {"AFTER": 1, "GOOGLE_SERVICE_ACC_KEY_FILEPATH": "/private/key.json"},
        "last": {"GOOGLE_SERVICE_ACC_KEY_FILEPATH": "/private/key.json"},
    }
    assert "BEGIN" not in overlay(text, VALUES)


def test_the_nested_format_is_replaced_where_mage_looks():
    text = (
        "default:\n"
        "  AWS:\n    region: eu\n    Redshift:\n      host: r\n"
        "  BigQuery:\n    credentials_mapping: {a: 1}\n"
        "  PostgreSQL:\n    host: {{ env_var('H') }}\n    database: mine\n"
    )
    result = as_mage(overlay(text, {**VALUES, "AWS_REGION": "harness"}))["default"]
    assert result["AWS"] == {"region": "harness", "Redshift": {"host": "r"}}
    assert result["BigQuery"] == {"path_to_credentials": "/private/key.json"}
    assert result["PostgreSQL"] == {
        "host": "127.0.0.1",
        "database": "mine",
        "port": "5999",
        "password": 'a"b\\: #é',
    }


def test_profiles_that_share_keys_are_all_replaced():
    text = (
        "base: &base\n  POSTGRES_HOST: far\n  MINE: 1\ndev:\n  <<: *base\n  MINE: 2\nagain: *base\n"
    )
    result = as_mage(overlay(text, VALUES))
    assert [result[name]["POSTGRES_HOST"] for name in ("base", "dev", "again")] == ["127.0.0.1"] * 3
    assert [result[name]["MINE"] for name in ("base", "dev", "again")] == [1, 2, 1]


def test_a_tunnel_is_not_used_on_the_way_to_the_private_server():
    text = "default:\n  POSTGRES_HOST: x\n  POSTGRES_CONNECTION_METHOD: ssh_tunnel\n"
    assert as_mage(overlay(text, VALUES))["default"]["POSTGRES_CONNECTION_METHOD"] == "direct"


def test_jinja_statements_and_comments():
    text = (
        "{% set host = env_var('H') %}\n"
        "{# a comment\nover lines #}\n"
        "default:\n"
        "  MINE: {{ host }}\n"
        "  WHICH: {% if env_var('H') %}yes{% else %}no{% endif %}\n"
        "  RAW: '{% raw %}{{ kept }}{% endraw %}'\n"
        "  POSTGRES_HOST: x\n"
    )
    result = as_mage(overlay(text, {"POSTGRES_HOST": "here"}), H="there")
    assert result["default"]["MINE"] == "there"
    assert result["default"]["WHICH"] is True
    assert result["default"]["RAW"] == "{{ kept }}"
    assert result["default"]["POSTGRES_HOST"] == "here"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("default:\n  A: {{ env_var('X' }}\n", "io_config.yaml:2: the Jinja is not valid"),
        ("default:\n  A: {{ one\n\n  }}\n  B: [\n", "io_config.yaml:"),
        ("default:\n  A: 1\n B: 2\n", "io_config.yaml:3"),
        ("- a\n", "must be a mapping of profiles"),
        ("{% if x %}\ndefault:\n  A: 1\n{% endif %}\n", "io_config.yaml:1: a Jinja statement"),
        ("a: *nobody\n", "not valid YAML"),
    ],
)
def test_what_mage_cannot_read_either_is_one_clear_error(text, said):
    with pytest.raises(ProjectError) as caught:
        overlay(text, VALUES)
    assert said in str(caught.value)
    assert caught.value.remedy


def test_an_empty_file_stays_empty():
    assert overlay("# nothing\n", VALUES) == "# nothing\n"
    assert overlay("", VALUES) == ""


def test_entries_know_their_line_profile_and_family():
    text = (
        "{# two\nlines #}\ndefault:\n  POSTGRES_HOST: {{ env_var('A') }}\n  MINE: 1\n"
        "dev:\n  BigQuery:\n    location: EU\n"
    )
    assert [(e.profile, e.key, e.family, e.line) for e in entries(text)] == [
        ("default", "POSTGRES_HOST", "POSTGRES", 4),
        ("default", "MINE", "MINE", 5),
        ("dev", "GOOGLE_LOCATION", "GOOGLE", 8),
    ]
    assert [entry.key for entry in entries(text, replaced={"POSTGRES_HOST": "x"})] == [
        "MINE",
        "GOOGLE_LOCATION",
    ]
    assert profile_names(text) == ["default", "dev"]


def test_a_minimal_file_has_the_profiles_that_blocks_name():
    assert as_mage(minimal(["default", "dev"], VALUES)) == {"default": VALUES, "dev": VALUES}


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(alphabet=st.characters(codec="utf-8", exclude_characters="{}%#"), max_size=12)
    | st.sampled_from(["yes", "010", "1e3", "~", "2020-01-01", "null", "a: b", "- x"])
)
KEYS = st.sampled_from(
    ["POSTGRES_HOST", "POSTGRES_USER", "GOOGLE_LOCATION", "MINE", "OTHER", "x y"]
)
PROFILE = st.dictionaries(
    KEYS, SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(KEYS, SCALARS), max_size=5
)


@settings(max_examples=80, deadline=None)
@given(content=st.dictionaries(st.sampled_from(["default", "dev", "p 3"]), PROFILE, max_size=3))
def test_what_is_not_replaced_reads_the_same_afterwards(content):
    text = yaml.safe_dump(content, allow_unicode=True)
    before, after = as_mage(text) or {}, as_mage(overlay(text, VALUES)) or {}
    for name, profile in before.items():
        for key, value in profile.items():
            assert after[name][key] == VALUES.get(key, value)
        added = after[name].keys() - profile.keys()
        assert added <= VALUES.keys()
