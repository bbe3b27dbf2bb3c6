"""A codec as an entrant of the challenge would build it, described once and written twice.

The description, from which both were written:

    Speech at 24 kHz in frames of 240 samples, 10 ms.

    Encoder. A causal convolution of 7 taps takes the audio to 12 channels. Three stages follow,
    with strides 4, 6 and 10 and 24, 36 and 48 channels behind them. A stage is two separable
    blocks, an ELU and a causal convolution of twice as many taps as its stride, which lowers the
    rate. A separable block is ELU, a causal depthwise convolution of 5 taps, whose dilation is 1
    in the first and 3 in the second block of a stage, another ELU and a convolution of 1 tap, all
    added to the input. At the frame rate a GRU of 48 units runs with a skip around it, and a
    linear map makes a latent of 16 channels.

    Quantizer, one of two. (1) FSQ: a linear map to 6 values of 8, 8, 8, 5, 5 and 5 levels, one
    index a frame, and a linear map back to 16. (2) The latent in 4 groups of 4 channels, each with
    2 residual codebooks of 128 codewords of 4 values; 8 indices a frame.

    Decoder. A convolution of 3 taps, which sees one frame ahead, takes the latent to 48 channels;
    a GRU of 48 units with a skip around it. Three stages raise the rate by 10, 6 and 4, to 36, 24
    and 12 channels: ELU, a transposed convolution of twice as many taps as its stride, whose
    surplus outputs are cut off at the end, and two separable blocks. ELU, a causal convolution of
    7 taps to one channel, and a tanh.

``torch_codec.py`` is the one in PyTorch, and knows nothing of this project; the YAML files are the
other.
"""
