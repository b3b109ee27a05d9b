"""Filters: judges, which say why a document should go and by which number."""
