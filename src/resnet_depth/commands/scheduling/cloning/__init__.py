"""Runs in clones on any machine, which share with the coordinator only git and DVC's remote.

How they are sent there, what they read and write, and how what they leave comes into dvc.lock.
"""
