"""Many instances of the study's stages at once: which run, where, in what order, and what is told.

DVC stays the one that runs, caches and records each; asking it for anything else is `reproducing`.
"""
