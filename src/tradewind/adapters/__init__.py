"""Implementations of the ports of the rooms; adapters never import each other."""
