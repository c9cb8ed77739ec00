"""What the process of the private S3 says in its log, and the harness looks for."""

from __future__ import annotations

LISTENING = "S3 listens"
IN_USE = "the address is in use"
