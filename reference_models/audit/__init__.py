"""Link of the auditor to these models: their adapter and the verification of designs."""
