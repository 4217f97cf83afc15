"""A reproducible study of what depth buys a residual network, and what it costs."""
