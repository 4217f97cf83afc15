"""The form of a trained network that is put to use: ONNX files and their sessions.

What a folder of such files holds is said in `export`; how fast they answer in `latency`.
"""
