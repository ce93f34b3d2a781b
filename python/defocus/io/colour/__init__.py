"""Colour: ICC profiles, colour that a file states by numbers, HDR."""
