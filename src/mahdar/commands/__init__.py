"""Commands, one noun a file; each is one call into a room. `mahdar.cli` puts them together."""
