"""Terminal behaviour that both programs share: options, output, tables, progress, exit codes."""
