"""Benchmarks of Tongdian against its peers: one case per module in `benchmarks.cases`."""
