"""Stage `prepare`: from a dataset's files to arrays in three parts.

Nothing is fetched here, and nothing is drawn at random but the division into parts.
"""
