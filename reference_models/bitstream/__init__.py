"""The ``.lrac`` file: a small checked header, then codeword indices packed without gaps.

===========  ====================================================================
offset       what (all integers big-endian)
===========  ====================================================================
0            ``LRAC``
4            format version, 2 bytes
6            fingerprint of the design, 8 bytes
14           fingerprint of the weights, 8 bytes
22           sample rate in Hz, 4 bytes
26           hop in samples per channel, 4 bytes
30           audio length in samples per channel, 8 bytes
38           layers in each frame, 1 byte
===========  ====================================================================

Version 1, for one index of the same size for each layer, goes on with

===========  ====================================================================
39           bits per index, 1 byte
40           CRC-32 of everything before it, 4 bytes
44           payload
===========  ====================================================================

and version 2, for any others, with

===========  ====================================================================
39           indices in each frame, n, 2 bytes
41           bits of each index, n bytes
41 + n       CRC-32 of everything before it, 4 bytes
45 + n       payload
===========  ====================================================================

The payload holds frame after frame, and in each frame the index of the first quantizer layer,
then of the second, and so on; within a layer, group by group. Each index takes its bits, the
highest first. Only the very last byte is filled up, with zeros. So a file can be cut after any
frame, and it can be decoded with fewer layers than it holds.
"""
