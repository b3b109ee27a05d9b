"""Provenance: what documents were made from, and what may be done with them."""
