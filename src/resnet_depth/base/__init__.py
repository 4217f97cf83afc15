"""What every stage stands on: whole files, a user's mistakes, options, progress, names of runs.

It is in every stage's dependencies, so no convenience moves in.
"""
