"""What every stage stands on: whole files, a user's mistakes, options, settings, progress.

It is in every stage's dependencies, so an edit here runs everything again: no convenience moves in.
"""
