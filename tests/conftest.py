"""Servers that any test may ask for; they are started when the first one does."""

pytest_plugins = ["tests.servers.postgres"]
