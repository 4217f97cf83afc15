"""Stage `evaluate`: a trained network on the test part."""
