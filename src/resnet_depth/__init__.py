"""What depth buys in image classification: training, evaluation and evidence for ResNets."""
