"""What is around a cutout: the image behind it, and its place on a canvas."""
