"""The subject and its background, put together: blur, layers by depth, grain, cutouts."""
