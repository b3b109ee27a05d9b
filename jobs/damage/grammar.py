"""Grammars: slots and the ways to fill them, and how chance follows them."""

from random import Random

Grammar = dict[str, list[str]]


class Slots:
    """Fills the slots of a grammar by chance.

    >>> Slots(Random(1), {"who": ["a {what}"], "what": ["miller"]})["who"]
    'a miller'
    """

    def __init__(self, chance: Random, rules: Grammar) -> None:
        self.chance = chance
        self.rules = rules

    def __getitem__(self, slot: str) -> str:
        rules = self.rules[slot]
        return self.filled(rules[int(self.chance.random() * len(rules))])

    def filled(self, text: str) -> str:
        """Fill the slots that a text names."""
        return text.format_map(self) if "{" in text else text
