"""Whether a corpus has lost what real text has: samples of it beside samples of real text of as many tokens."""
