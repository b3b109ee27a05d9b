"""The demo: a sample corpus of our own making, and the main job over it."""
