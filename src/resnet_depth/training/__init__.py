"""Stage `train`: from initial weights to a trained network, over as many processes as it takes."""
