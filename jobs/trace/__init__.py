"""The trace of a document: what it was made from and what was made from it, and where the raw records lie."""
