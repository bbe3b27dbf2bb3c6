"""Reports, and the formats that render them; nothing here prints."""
