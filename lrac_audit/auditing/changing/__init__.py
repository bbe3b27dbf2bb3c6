"""Changes of a design: its knobs, what each of them does, and changes that mend a broken limit."""
