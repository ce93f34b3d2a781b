"""Photographs in and out of files: the only room that knows Pillow and file formats."""
