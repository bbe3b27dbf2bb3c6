"""Cases derived by hand, each written in several ways, that no part of the auditor was made for."""
