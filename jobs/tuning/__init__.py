"""What other thresholds would drop, from what a release has measured."""
