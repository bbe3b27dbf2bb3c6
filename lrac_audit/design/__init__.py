"""Designs of codecs: their dataclasses, and the file formats they are read from."""

from lrac_audit.design import layers, quantizers
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.relation_checks import broken_rules
from lrac_audit.validation.part import rules_of

__all__ = ["CodecDesign", "layers", "quantizers"]

rules_of(CodecDesign)(broken_rules)  # here, so that the parts need not import their checks
