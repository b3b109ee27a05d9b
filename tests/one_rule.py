"""A judge with one of its rules and the others off: what the tests of each rule share."""

from typing import Any

from ops.filters.rules import PROFILES, Rule


def alone(judge: Any, rule: Rule, **limits: float | None) -> Any:
    """A judge with this one rule; its limits are the given ones, or the judge's own."""
    made = judge()
    models = {}
    for profile in PROFILES:
        model = getattr(made, profile)
        off = dict.fromkeys(type(model).model_fields)
        models[profile] = model.model_copy(
            update=off | {rule.setting: limits.get(profile, getattr(model, rule.setting))}
        )
    return made.model_copy(update=models)
