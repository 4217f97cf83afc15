"""Residual networks: their definition, which weights are alive, their size, storage and outputs.

How they learn is in `training`; how fast they answer in `latency`.
"""
