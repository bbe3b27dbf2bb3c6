"""Audio files in and out, block by block: shapes are ``[C, T]``, full scale is 1.0."""
