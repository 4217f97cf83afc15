"""Stage `report`: the page of a study and its tables.

It computes nothing that a finding could need.
"""
