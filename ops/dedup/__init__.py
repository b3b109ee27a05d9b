"""Dedup: surveys that find what is there twice, and the policy of which one stays."""
