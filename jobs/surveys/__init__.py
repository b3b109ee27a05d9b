"""Surveys: what happens between the sketches of passes and the verdicts on documents."""
