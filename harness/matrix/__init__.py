"""The same pipelines on several versions of Mage, Python and packages, and their data compared."""
