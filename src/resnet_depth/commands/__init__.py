"""What no stage uses: the commands behind the Makefile's targets, a folder for each group.

No other room may import it.
"""
