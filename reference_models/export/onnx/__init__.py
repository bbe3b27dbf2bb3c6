"""ONNX: the graphs of the two sides of a codec, and the engine that runs them by ONNX Runtime."""
