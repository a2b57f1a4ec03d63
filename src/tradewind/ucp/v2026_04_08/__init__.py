"""The wire forms of the version 2026-04-08 of the protocol."""
