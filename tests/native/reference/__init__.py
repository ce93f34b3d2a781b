"""Slow, obvious float64 versions of every kernel: what the fast ones are judged by."""
