"""Residual networks: their definition, what of them is alive, their storage and outputs.

How they learn is in `training`.
"""
