"""Classes of noise: their ontology, zero-shot classification by CLAP, and balancing."""
