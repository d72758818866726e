"""What who runs the server asks of it on the command line: one module with a `main` for each command."""
