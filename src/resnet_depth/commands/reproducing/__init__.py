"""All that talks to DVC: reading dvc.lock, asking for status, running a clone, tidying.

Other commands ask here instead of calling DVC.
"""
