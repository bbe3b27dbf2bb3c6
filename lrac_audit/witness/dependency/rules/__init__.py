"""The rules, by kind of operator; importing this package registers them all."""

from lrac_audit.witness.dependency.rules import (  # noqa: F401
    attention,
    convolutions,
    fourier,
    indexing,
    joining,
    matrix_products,
    normalisations,
    padding,
    pointwise,
    pooling,
    random_numbers,
    recurrent,
    reductions,
    resampling,
    scans,
    views,
)
