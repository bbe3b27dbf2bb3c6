"""The kinds of operations of a program, one file for each group of kinds."""
