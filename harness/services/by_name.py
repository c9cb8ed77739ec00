"""The services of a stack, each by its name and type."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from harness.services.bigquery import BigQueryStub
    from harness.services.docker.mage import MageContainer
    from harness.services.gcs import Gcs
    from harness.services.google import GoogleIdentity
    from harness.services.http import RecordedHttp
    from harness.services.mysql import MySql
    from harness.services.postgres import Postgres
    from harness.services.protocol import Service
    from harness.services.s3 import S3


class ByName:
    """Attributes for what ``service`` gives."""

    def service(self, name: str) -> Service:
        """A service by its name, started if it is not running.

        Args:
            name: The name.
        """
        raise NotImplementedError

    @property
    def postgres(self) -> Postgres:
        """PostgreSQL, started if it is not running."""
        return cast("Postgres", self.service("postgres"))

    @property
    def gcs(self) -> Gcs:
        """Cloud Storage, started if it is not running."""
        return cast("Gcs", self.service("gcs"))

    @property
    def bigquery(self) -> BigQueryStub:
        """BigQuery, started if it is not running."""
        return cast("BigQueryStub", self.service("bigquery"))

    @property
    def s3(self) -> S3:
        """S3, started if it is not running."""
        return cast("S3", self.service("s3"))

    @property
    def mysql(self) -> MySql:
        """MySQL, started if it is not running."""
        return cast("MySql", self.service("mysql"))

    @property
    def http(self) -> RecordedHttp:
        """Recorded HTTP, started if it is not running."""
        return cast("RecordedHttp", self.service("http"))

    @property
    def mage(self) -> MageContainer:
        """The container that pipelines run in (provider docker), started if it is not running."""
        return cast("MageContainer", self.service("mage"))

    @property
    def google(self) -> GoogleIdentity:
        """Google's sign-in, started if it is not running."""
        return cast("GoogleIdentity", self.service("google"))
