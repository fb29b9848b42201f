"""Which cells a config asks for."""
