"""The link between the auditor and these models: their adapter and the verification of designs."""
