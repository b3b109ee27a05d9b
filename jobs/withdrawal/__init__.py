"""Withdrawal: what must not be in any later release, found with all that was made from it, and proved to be out."""
