"""The machine: its device, what it is, and what its clock says.

Only what a clock measured may depend on it; deterministic results never do.
"""
