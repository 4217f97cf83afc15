"""Published studies: copying results to docs/results, documents made from them, checking again."""
