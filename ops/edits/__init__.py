"""Edits: the same rows in the same order, with their text changed."""
