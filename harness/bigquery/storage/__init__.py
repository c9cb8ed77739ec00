"""The Storage Read API over gRPC."""
