"""The network: encoder, quantizer and decoder put together, offline and in a stream.

Shapes, everywhere in this package: ``B`` streams, ``C`` channels, ``T`` time steps at the layer's
own rate, ``D`` latent width, ``n`` active RVQ layers, ``F`` latent frames. Audio is ``[B, C, T]``
(floating point, full scale 1.0), a latent ``[B, D, F]``, codes ``[n, B, F]`` (int64).

The public interface, by module::

    build.build(design) -> Codec              trained form, weight norm parametrised, untrained
    build.build_untrained(design, seed) -> Codec   the same with k-means codebooks, folded, eval
    conv.fold_weight_norm(module)             in place; for inference

    Codec.encode(audio, layers=None) -> codes        offline; None means all layers
    Codec.decode(codes) -> audio                     hop x F samples; crop to the length you want
    Codec.design, Codec.variant                      CodecDesign, "trained" | "absorbed-transmit"
                                                     | "absorbed-receive"

    Transmitter(codec, layers, batch_size=1)
        .push(audio [B, C, any]) -> codes [layers, B, ready frames]
        .flush() -> codes         the rest, as offline ends: ceil(T / hop) frames in all; the
                                  transmitter is then fresh again
        .footprint()              what it keeps, in values and bytes per stream
    Receiver(codec, batch_size=1)
        .push(codes [n, B, any]) -> audio [B, C, ready samples]
        .flush() -> audio         the rest: hop x F samples in all; then fresh again
        .footprint()

    absorb.absorb(codec) -> Absorbed(transmit: Codec, receive: Codec)
    weights.save_codec(codec, path)           safetensors; design and variant in the metadata
    weights.load_codec(path, side=None) -> Codec   folded, eval; side "transmit" | "receive" says
                                              what it must be able to do; InputError otherwise
    weights.design_fingerprint(design) -> str      16 hex digits; name and limits do not matter
    weights.weights_fingerprint(codec) -> str      16 hex digits; a codec and both of its absorbed
                                              artefacts have the same
    espnet_weights.load_checkpoint(path, design) -> Codec   the recipe's .pth; InputError

Transmitter and Receiver run in ``torch.inference_mode``; so do ``encode`` and ``decode``. All take
and return tensors of the codec's dtype. Everything that is wrong with a file is an ``InputError``.
"""
