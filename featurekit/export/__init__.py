"""a package for an engineering repository."""
