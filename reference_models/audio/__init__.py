"""Reading and writing of audio files in blocks: shapes are ``[C, T]``, full scale is 1.0."""
