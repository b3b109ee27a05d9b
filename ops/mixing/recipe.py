"""The recipe: from what each source has to what it gives. Numbers only; refuses what cannot be met.

Terms: `supply` is the tokens that a source has, `planned` the tokens it is to give. "Synthetic" here means every
origin but real: text of unknown origin never counts as real.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ops.contract import Refusal


@dataclass(frozen=True)
class Supply:
    """What one source has left when the mix begins."""

    origin: str
    tokens: int


@dataclass(frozen=True)
class Limits:
    """The limits of a mix; shares are of the mix's tokens."""

    tokens: int | None  # None: as many as the other limits allow
    shares: Mapping[str, float]  # by source; empty: in proportion to supply
    synthetic_max: float
    real_min: float
    real_tokens_min: int

    @property
    def synthetic_share_max(self) -> float:
        """The tighter of the cap on synthetic and what the floor under real leaves."""
        return min(self.synthetic_max, 1 - self.real_min)


@dataclass(frozen=True)
class Plan:
    """Tokens that each source is to give, and which limit decided its part."""

    tokens: dict[str, float]
    bound_by: dict[str, str]


def slack(tokens: float) -> float:
    """Return by how much a number of tokens may miss a whole one, being a product of floats."""
    return 1e-6 + 1e-14 * tokens


def plan(supplies: Mapping[str, Supply], limits: Limits) -> Plan:
    """Divide the budget among the sources; raise `Refusal` where limits and supplies conflict."""
    made = _by_shares(supplies, limits) if limits.shares else _in_proportion(supplies, limits)
    real = sum(tokens for name, tokens in made.tokens.items() if supplies[name].origin == "real")
    if real + slack(real) < limits.real_tokens_min:
        raise Refusal(
            f"real_tokens_min = {limits.real_tokens_min:,} cannot be met: the mix would hold {_whole(real)} real "
            f"tokens. Lower it to {_whole(real)}, or raise `tokens`, real shares or real sources."
        )
    if any(supply.tokens for supply in supplies.values()) and not any(made.tokens.values()):
        raise Refusal(
            f"the mix would be empty: there are {_whole(real)} real tokens, and text that is not real may be at most "
            f"{limits.synthetic_share_max:g} of the mix. Add real text, or raise synthetic_max."
            if not limits.shares
            else "the mix would be empty: a source with a share has no tokens, and the others are to keep their "
            "proportion to it. Set that source's share to 0, or add to it."
        )
    return made


def conflicts(shares: Mapping[str, float], origins: Mapping[str, str], synthetic_share_max: float) -> str | None:
    """Say where shares conflict with the cap on synthetic text; None where they do not. Needs no text."""
    synthetic = {name: share for name, share in shares.items() if origins[name] != "real"}
    total = sum(synthetic.values())
    if total <= synthetic_share_max + 1e-9:
        return None
    listed = " + ".join(f"{name} {share:g} ({origins[name]})" for name, share in sorted(synthetic.items()))
    return (
        f"shares give {total:g} to text that is not real ({listed}), above the {synthetic_share_max:g} that "
        f"synthetic_max and real_min allow. Lower these shares to {synthetic_share_max:g} in sum, or raise "
        "synthetic_max."
    )


def _by_shares(supplies: Mapping[str, Supply], limits: Limits) -> Plan:
    # A source without documents has no origin here: that it has none is what to tell of it.
    present = {name: share for name, share in limits.shares.items() if supplies[name].tokens}
    conflict = conflicts(present, {n: s.origin for n, s in supplies.items()}, limits.synthetic_share_max)
    if conflict:
        raise Refusal(conflict)
    asked = {name: share for name, share in limits.shares.items() if share > 0}
    scarcest = min(asked, key=lambda name: (supplies[name].tokens / asked[name], name))
    most = supplies[scarcest].tokens / asked[scarcest]
    if limits.tokens is not None and limits.tokens > most + slack(most):
        have, share = supplies[scarcest].tokens, asked[scarcest]
        raise Refusal(
            f"source {scarcest!r} has {have:,} tokens of the {share * limits.tokens:,.0f} that its share {share:g} of "
            f"tokens = {limits.tokens:,} needs. Lower tokens to {_whole(most)}, or its share to "
            f"{have / limits.tokens:.4g}, or add to the source."
        )
    total = most if limits.tokens is None else limits.tokens
    because = f"scarce:{scarcest}" if limits.tokens is None else "tokens"
    tokens = {name: limits.shares.get(name, 0.0) * total for name in supplies}
    return Plan(tokens, {name: because if limits.shares.get(name) else "share 0" for name in supplies})


def _in_proportion(supplies: Mapping[str, Supply], limits: Limits) -> Plan:
    real = sum(s.tokens for s in supplies.values() if s.origin == "real")
    synthetic = sum(s.tokens for s in supplies.values() if s.origin != "real")
    cap = limits.synthetic_share_max
    most = real + (synthetic if cap >= 1 else min(synthetic, real * cap / (1 - cap)))
    if limits.tokens is not None and limits.tokens > most + slack(most):
        raise Refusal(
            f"tokens = {limits.tokens:,} cannot be met: {real:,} real tokens, and {synthetic:,} that are not real and "
            f"may be at most {cap:g} of the mix, make {_whole(most)}. Lower tokens to {_whole(most)}, add real "
            "text, or raise synthetic_max."
        )
    total = most if limits.tokens is None else limits.tokens
    natural = total * synthetic / (real + synthetic) if real + synthetic else 0.0
    capped = natural > cap * total + 1e-9
    given = cap * total if capped else natural
    part = {True: (total - given) / real if real else 0.0, False: given / synthetic if synthetic else 0.0}
    tokens = {name: s.tokens * part[s.origin == "real"] for name, s in supplies.items()}
    uncapped = "tokens" if limits.tokens else "supply"
    bound = {True: uncapped, False: "synthetic_max" if capped else uncapped}
    return Plan(tokens, {name: bound[s.origin == "real"] for name, s in supplies.items()})


def _whole(tokens: float) -> str:
    """Write whole tokens, rounded down, so that what a refusal advises can be had."""
    return f"{math.floor(tokens + slack(tokens)):,}"
