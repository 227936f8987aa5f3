"""Bringing people in from a file, with what proves their consent where it does."""
