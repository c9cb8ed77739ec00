"""What is on the wire and in no textbook: bytes that are no UTF-8, codings that nobody undoes."""

from __future__ import annotations

_TOLD = "import requests\nsession = requests.Session()\nO = 'https://origin.test/'\n"


def test_bytes_beyond_ascii_in_headers_come_back_as_they_were(tape):
    out = tape.python(
        _TOLD + "found = session.get(O + 'latin').headers\n"
        "print(ascii(found['x-latin']), ascii(found['x-utf']))\n"
    )
    assert out == "'Jos\\xe9' 'Jos\\xc3\\xa9'\n"


def test_a_path_of_raw_bytes_is_percent_encoded_in_the_index(tape):
    tape.python(
        "import http.client, os, ssl, urllib.parse\n"
        "proxy = urllib.parse.urlsplit(os.environ['HTTPS_PROXY'])\n"
        "trust = ssl.create_default_context(cafile=os.environ['SSL_CERT_FILE'])\n"
        "link = http.client.HTTPSConnection(proxy.hostname, proxy.port, context=trust)\n"
        "link.set_tunnel('origin.test', 443)\n"
        "link._encode_request = lambda text: text.encode('latin-1')\n"
        "link._validate_path = lambda path: None\n"
        "link.request('GET', '/caf\\xe9?b=\\xff')\n"
        "print(link.getresponse().status)\n"
    )
    assert "url: https://origin.test/caf%E9?b=%FF" in tape.index


def test_a_coding_that_stays_is_announced(tape):
    out = tape.python(_TOLD + "print(session.get(O + 'xgzip').text)\n")
    assert out == "hello\n"
    assert "content-encoding: x-gzip" in tape.index
