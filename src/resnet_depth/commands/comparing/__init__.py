"""Two studies side by side: of the workspace, a revision, an experiment, or published ones.

What differs is computed in `evidence` and `findings`; here it is only put together and told.
"""
