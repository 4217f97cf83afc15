"""Random changes of training images, of whole batches at once.

What happens to an image is drawn by the run's seed, the epoch and the image's index alone: batch
size, order and device have no part in it, and a run that goes on elsewhere needs no state. Each
kind of change has a stream of its own, so that switching on one leaves the draws of others.
"""
