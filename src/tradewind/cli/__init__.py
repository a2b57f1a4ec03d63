"""The command line: noun and verb, data to stdout, talk to stderr. Commands are thin; heavy imports stand inside them."""
