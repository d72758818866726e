"""What an operator does at the command line: one file for each command."""
