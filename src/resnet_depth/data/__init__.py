"""A dataset's arrays and card, the contract of `prepare` with all later stages.

How they come about is in the folders; no later stage knows of raw formats.
"""
