"""Tariffs: dated layers of import duty, the grammar of their rates, and the loaders of official exports."""
