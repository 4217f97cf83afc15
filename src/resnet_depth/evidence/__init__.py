"""Stage `summarize`: what all runs gave, with statistics; and the reading of it.

What follows from it is in `findings`; no torch is imported.
"""
