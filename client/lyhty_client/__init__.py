"""The Python client: rules of the conversation without I/O, a thin rim of sockets, and the `lyhty` command."""
