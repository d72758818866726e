"""How server processes tell each other to look. The database is the truth; what is said here may be missed."""
