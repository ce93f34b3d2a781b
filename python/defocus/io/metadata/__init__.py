"""Metadata: EXIF, XMP, IPTC and maker notes, without images of the unedited photograph."""
