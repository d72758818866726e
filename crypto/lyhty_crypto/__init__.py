"""The secret half of the Lyhty protocol: phrase, keys, sealing and opening, wrapping and unwrapping. Clients only."""
