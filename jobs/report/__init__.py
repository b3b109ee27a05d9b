"""The report of a release, and how texts and their differences are shown to people."""
