"""Photographs on a Ray cluster; needs the extra `defocus[ray]`."""

from defocus.ray.pictures import Pictures, Recipe, store

__all__ = ["Pictures", "Recipe", "store"]
