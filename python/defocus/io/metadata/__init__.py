"""EXIF, XMP, IPTC and what they hide: what survives, and in which form."""
