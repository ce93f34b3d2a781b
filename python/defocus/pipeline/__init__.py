"""The order of the stages, from photograph to result."""
