"""Commands behind the Makefile's targets, each run as `python -m resnet_depth.commands.<name>`."""
