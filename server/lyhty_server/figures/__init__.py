"""Published figures as people read them: tables with intervals, words, charts, files and reports (SPEC 12.5). Pure."""
