"""A page of figures as files: the same numbers as on the page, the same bytes for the same release (SPEC 12.5)."""
