"""How gradients move weights: optimizers, the schedule of their step sizes, averages of weights.

What a gradient is of (images, augmentation, loss) lies in `training` itself.
"""
