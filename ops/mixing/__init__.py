"""Mixing: how much of each source a release holds."""
