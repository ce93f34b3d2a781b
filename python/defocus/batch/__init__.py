"""Many photographs: which, into what, and several at a time."""
