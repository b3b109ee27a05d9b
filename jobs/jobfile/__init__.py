"""Parts of the job file: what makes sense of it, finds its mistakes and reads the files that it names."""
