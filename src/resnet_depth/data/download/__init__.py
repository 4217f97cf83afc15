"""Stage `download`: a dataset's files from outside, verified against a pinned digest.

Nothing is decoded here; that is `preparation`.
"""
