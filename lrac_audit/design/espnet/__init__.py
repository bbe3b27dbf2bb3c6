"""Import of designs from the public recipe's ESPnet ``train.yaml``, and back.

Source: the LRAC 2025 recipe (``cisco-open/espnet``, ``egs2/lrac``) and the constructors its
configurations feed. Keys that change neither cost nor delay are ignored on purpose, each with
its reason; a key that is not known is an error.
"""

from lrac_audit.design.espnet.recipe import CODEC_KEY, Import, read_recipe
from lrac_audit.design.espnet.writer import write_recipe

__all__ = ["CODEC_KEY", "Import", "read_recipe", "write_recipe"]
