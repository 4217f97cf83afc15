"""Stage `start`: what a training starts from, verified before anything of it is opened.

How a network takes it over is in `networks.adoption`; what is trained of it is in `training`.
"""
