"""Codecs beyond Pillow, one per format: 16-bit samples, threads, containers."""
