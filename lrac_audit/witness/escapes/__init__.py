"""Notice work that torch's dispatcher does not see, and where in the user's code it is."""
