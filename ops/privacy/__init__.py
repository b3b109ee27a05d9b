"""Privacy of synthetic text: what it has verbatim of real text, and rare combinations of what documents are told of."""
