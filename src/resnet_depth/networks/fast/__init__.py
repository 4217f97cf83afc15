"""The same networks as they compute fastest; their outputs stay the same, up to round-off.

What is left out of a network without changing it is in `live_taps` and `compaction`.
"""
