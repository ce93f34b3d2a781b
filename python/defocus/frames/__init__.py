"""Frame after frame, with a matte that keeps steady."""
