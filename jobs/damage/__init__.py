"""Damage planted into clean text: what was planted and where is known, so that a repair can be scored exactly."""
