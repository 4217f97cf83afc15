"""The machine: its device, what it is, and what its clock says."""
