"""What pipelines talk to: private, disposable services behind one protocol."""
