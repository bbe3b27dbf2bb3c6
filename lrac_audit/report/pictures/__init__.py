"""Pictures of reports, drawn by matplotlib as vectors, for pages and for papers."""
