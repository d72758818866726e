"""The Lyhty server: stores and moves sealed bytes it cannot read."""
