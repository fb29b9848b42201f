"""The machine: files, the cache, threads."""
