"""Training data: manifests, curation, augmentation and windows.

Audio of one channel is ``[T]``, a batch ``[B, 1, T]``; float32, full scale is 1.0.
"""
