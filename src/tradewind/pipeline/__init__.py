"""The batch stream: from a catalog snapshot to offers, listings and feeds, in shards; restartable, gated, published at once."""
