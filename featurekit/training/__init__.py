"""training sets: sources, the naive oracle, the fast engine."""
