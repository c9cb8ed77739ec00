"""The provider that needs no Docker, no root and no network: programs from wheels."""
