"""The formats of reports: one class in one file each, all in one registry."""
