"""What a codec is: the design dataclasses, and the file formats they are read from."""

from lrac_audit.design.parts import CodecDesign

__all__ = ["CodecDesign"]
