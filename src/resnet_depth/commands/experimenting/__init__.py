"""What DVC's experiments gave, in one table: those that ran, run, wait or failed.

Running them is DVC's own (`dvc exp run`), or that of `sweeping`.
"""
