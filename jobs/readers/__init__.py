"""Readers: one shard in, batches of raw records out; what cannot be read is set aside, never its neighbours."""
