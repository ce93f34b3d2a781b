"""Replacements for other libraries: programs change one import."""
