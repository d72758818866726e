"""Published figures that cannot point at a child: noise, budget and fitting. Pure rules."""
