"""Stage `summarize`: what all runs gave, its statistics, and the reading of it.

What it says of the study's claims is in `findings`. No torch is imported.
"""
