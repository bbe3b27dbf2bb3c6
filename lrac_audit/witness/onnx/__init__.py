"""Audit of ONNX graphs: the cost, the memory and the delay of what is deployed.

A graph does one step of a stream: it takes the audio or the codes of one call, and the state that
the call before left. This package needs the extra ``onnx``, and no torch.
"""
