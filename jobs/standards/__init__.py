"""What other tools read of a release and of runs: Croissant, Data Provenance Standards, OpenLineage."""
