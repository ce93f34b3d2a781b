"""Photographs in and out of files: the only room that uses Pillow and file formats."""
