"""What is published of many cases together: tables, periods, whom they are about, and the signed release (SPEC 12)."""
