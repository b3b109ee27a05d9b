"""What became of a document: its story, from its shard to the release."""
