"""The public half of the Lyhty protocol: formats, sizes, padding, verification of signatures. No secrets, no I/O."""
