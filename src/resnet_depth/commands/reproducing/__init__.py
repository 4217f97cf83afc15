"""Everything that talks to DVC: reading dvc.lock, running a clone, comparing, tidying."""
