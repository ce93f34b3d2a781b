"""Completion scripts and the manual page, made from the parsers of the command."""
