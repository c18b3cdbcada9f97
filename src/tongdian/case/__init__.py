"""The case frame: parties, documents, stages, clocks, the hash-chained timeline, queue, search, progress."""
