"""Training of the models of judges, a classifier and an n-gram model: texts in, a model and its figures out."""
