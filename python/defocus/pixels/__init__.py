"""Arithmetic on pixel arrays: numpy and the native module only, no files and no network."""
