"""The same networks as they compute fastest on a CPU; their outputs stay the same."""
