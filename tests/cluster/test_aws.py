"""cluster/aws.yaml, checked by the cloud launcher's own code without a cloud."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

pytest.importorskip("ray.autoscaler._private.util")
from ray.autoscaler._private.util import prepare_config, validate_config

CONFIG: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "cluster" / "aws.yaml").read_text())


def test_launcher_accepts_it() -> None:
    validate_config(prepare_config(copy.deepcopy(CONFIG)))


def test_nodes_install_nothing() -> None:
    prepared = prepare_config(copy.deepcopy(CONFIG))
    commands = [line for key in prepared if key.endswith("_commands") for line in prepared[key]]
    assert commands
    assert not [line for line in commands if "pip" in line or "apt" in line]


def test_every_ray_process_asks_for_the_token() -> None:
    starts = [line for key in ("head", "worker") for line in CONFIG[f"{key}_start_ray_commands"] if "ray start" in line]
    assert len(starts) == 2
    assert all(line.startswith("RAY_AUTH_MODE=token ") for line in starts)
    assert "0.0.0.0" not in " ".join(starts)


def test_tasks_stay_off_the_head() -> None:
    assert CONFIG["available_node_types"][CONFIG["head_node_type"]]["resources"] == {"CPU": 0}


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda c: c.update(max_worker=3), "max_worker"),
        (lambda c: c.update(max_workers="three"), "three"),
        (lambda c: c["available_node_types"]["worker"].pop("node_config"), "node_config"),
    ],
    ids=["typo", "wrong type", "missing field"],
)
def test_launcher_refuses(spoil: Callable[[dict[str, Any]], Any], error: str) -> None:
    config = copy.deepcopy(CONFIG)
    spoil(config)
    with pytest.raises(jsonschema.ValidationError, match=error):
        validate_config(prepare_config(config))
