"""Manifests, checked without Kubernetes: against KubeRay's schemas, and against rules that only its controller knows.

The schemas are read from the folder named by KUBERAY_CRDS and their tests are skipped without it.
The rules follow ray-operator/controllers/ray/utils/validation.go of KubeRay 1.7.
"""

import copy
import functools
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

Manifest = dict[str, Any]

CLUSTER = Path(__file__).parents[2] / "cluster"
RAY_FILES = ["rayjob.yaml", "raycluster.yaml"]
LONGEST_NAME = {"RayJob": 47, "RayCluster": 53, "RayCronJob": 36}
DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
RESOURCE_PARAMS = {"num-cpus", "num-gpus", "memory", "resources"}
CRDS = os.environ.get("KUBERAY_CRDS")

needs_schemas = pytest.mark.skipif(not CRDS, reason="KUBERAY_CRDS names no folder with KubeRay's *.v1.schema.json")


def load(name: str) -> Manifest:
    manifest: Manifest = yaml.safe_load((CLUSTER / name).read_text())
    return manifest


def strict(schema: Any) -> Any:
    """Refuse unknown fields, as `kubectl apply` does, and let an int-or-string be either."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if made.get("x-kubernetes-int-or-string") is True:
        made.pop("type", None)
        made["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    open_ended = made.get("x-kubernetes-preserve-unknown-fields") is True or made.get("x-kubernetes-embedded-resource")
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object" and not open_ended:
        made.setdefault("additionalProperties", False)
    return made


@functools.cache
def schema_of(kind: str) -> Any:
    assert CRDS is not None
    schema = strict(json.loads((Path(CRDS) / f"{kind.lower()}s.v1.schema.json").read_text()))
    # The CRDs leave metadata open; the API server reads these fields.
    schema["properties"]["metadata"] = {"type": "object", "required": ["name"]}
    return schema


def schema_errors(manifest: Manifest) -> list[str]:
    errors = jsonschema.Draft202012Validator(schema_of(manifest["kind"])).iter_errors(manifest)
    return [f"{error.json_path}: {error.message}" for error in errors]


def name_rules(manifest: Manifest) -> Iterator[str]:
    kind, name = manifest["kind"], manifest["metadata"]["name"]
    if len(name) > LONGEST_NAME[kind]:
        yield f"name has {len(name)} characters; {kind} allows {LONGEST_NAME[kind]}"
    if not DNS_1035.fullmatch(name):
        yield f"name {name!r} is not a DNS-1035 label"


def version_of(spec: Manifest) -> tuple[int, ...]:
    return tuple(int(part) for part in spec.get("rayVersion", "0").split(".")[:2])


def group_rules(group: Manifest, *, autoscaling: bool, v2: bool) -> Iterator[str]:
    name = group.get("groupName", "head")
    params = group.get("rayStartParams", {})
    if group.get("resources") and RESOURCE_PARAMS & params.keys():
        yield f"{name}: resources are set both in rayStartParams and in resources"
    if "labels" in params:
        yield f"{name}: labels belong to the group, not to rayStartParams"
    if v2 and group["template"]["spec"].get("restartPolicy", "Never") != "Never":
        yield f"{name}: autoscaler v2 needs restartPolicy Never"
    if name != "head" and not autoscaling and not {"minReplicas", "maxReplicas"} <= group.keys():
        yield f"{name}: without autoscaling minReplicas and maxReplicas are required"
    if group.get("minReplicas", 0) > group.get("maxReplicas", group.get("minReplicas", 0)):
        yield f"{name}: minReplicas is above maxReplicas"


def cluster_rules(spec: Manifest) -> Iterator[str]:
    auth = spec.get("authOptions", {})
    if auth.get("mode") == "token" and version_of(spec) < (2, 52):
        yield "token mode needs rayVersion 2.52 or later"
    if auth.get("enableK8sTokenAuth") and version_of(spec) < (2, 55):
        yield "enableK8sTokenAuth needs rayVersion 2.55 or later"
    autoscaling = spec.get("enableInTreeAutoscaling", False)
    by_field = "version" in spec.get("autoscalerOptions", {})
    head_env = {
        variable["name"]
        for container in spec["headGroupSpec"]["template"]["spec"]["containers"]
        for variable in container.get("env", [])
    }
    if by_field and not autoscaling:
        yield "an autoscaler version needs enableInTreeAutoscaling"
    if by_field and "RAY_enable_autoscaler_v2" in head_env:
        yield "the autoscaler version is set both in autoscalerOptions and by env"
    v2 = spec.get("autoscalerOptions", {}).get("version") == "v2" or "RAY_enable_autoscaler_v2" in head_env
    groups = spec.get("workerGroupSpecs", [])
    if len({group.get("groupName") for group in groups}) != len(groups):
        yield "two worker groups have the same groupName"
    for group in [spec["headGroupSpec"], *groups]:
        yield from group_rules(group, autoscaling=autoscaling, v2=v2)


def selector_rules(spec: Manifest) -> Iterator[str]:
    if ("clusterSelector" in spec) == ("rayClusterSpec" in spec):
        yield "exactly one of clusterSelector and rayClusterSpec must be given"
    if "clusterSelector" in spec:
        if spec.get("suspend"):
            yield "clusterSelector cannot be suspended"
        if spec.get("backoffLimit", 0) > 0:
            yield "clusterSelector excludes backoffLimit"
        if spec.get("submissionMode") == "SidecarMode":
            yield "clusterSelector excludes SidecarMode"
    if spec.get("rayClusterSpec", {}).get("authOptions", {}).get("enableK8sTokenAuth"):
        yield "a RayJob cannot use enableK8sTokenAuth"


def ending_rules(spec: Manifest) -> Iterator[str]:
    shuts_down = spec.get("shutdownAfterJobFinishes", False)
    if spec.get("suspend") and not shuts_down:
        yield "suspend needs shutdownAfterJobFinishes"
    if spec.get("ttlSecondsAfterFinished", 0) < 0:
        yield "ttlSecondsAfterFinished is negative"
    if spec.get("ttlSecondsAfterFinished", 0) > 0 and not shuts_down:
        yield "ttlSecondsAfterFinished needs shutdownAfterJobFinishes"
    if "deletionStrategy" in spec:
        yield "deletionStrategy needs a feature gate that is off by default"
    for field in ("activeDeadlineSeconds", "preRunningDeadlineSeconds"):
        if spec.get(field, 1) <= 0:
            yield f"{field} must be positive"


def mode_rules(spec: Manifest) -> Iterator[str]:
    mode = spec.get("submissionMode", "K8sJobMode")
    if spec.get("backoffLimit", 0) < 0:
        yield "backoffLimit is negative"
    if mode == "InteractiveMode" and spec.get("backoffLimit", 0) > 0:
        yield "InteractiveMode excludes backoffLimit"
    if mode == "SidecarMode" and {"submitterPodTemplate", "submitterConfig"} & spec.keys():
        yield "SidecarMode excludes submitterPodTemplate and submitterConfig"
    if re.search(r"(?m)^\s*working_dir", spec.get("runtimeEnvYAML", "")):
        yield "working_dir would shadow the wheel in the image"
    for field in ("entrypointNumCpus", "entrypointNumGpus", "entrypointResources"):
        if spec.get(field):
            yield f"{field} lets the driver leave the head"


def rule_errors(manifest: Manifest) -> list[str]:
    spec = manifest["spec"]
    found = list(name_rules(manifest))
    if manifest["kind"] == "RayJob":
        found += [*selector_rules(spec), *ending_rules(spec), *mode_rules(spec)]
        spec = spec.get("rayClusterSpec")
    return found + (list(cluster_rules(spec)) if spec else [])


@needs_schemas
@pytest.mark.parametrize("name", RAY_FILES)
def test_schema_accepts(name: str) -> None:
    assert schema_errors(load(name)) == []


@pytest.mark.parametrize("name", RAY_FILES)
def test_controller_accepts(name: str) -> None:
    assert rule_errors(load(name)) == []


@needs_schemas
def test_nightly_pod_is_a_valid_pod() -> None:
    pod = schema_of("RayCluster")["properties"]["spec"]["properties"]["headGroupSpec"]["properties"]["template"]
    validator = jsonschema.Draft202012Validator(pod)
    template = load("nightly.yaml")["spec"]["jobTemplate"]["spec"]["template"]
    assert [error.message for error in validator.iter_errors(template)] == []
    template["spec"]["containers"][0]["volumeMount"] = []
    assert any("volumeMount" in error.message for error in validator.iter_errors(template))


def containers(name: str) -> list[Manifest]:
    spec = load(name)["spec"]
    if name == "nightly.yaml":
        pods = [spec["jobTemplate"]["spec"]["template"]]
    else:
        cluster = spec.get("rayClusterSpec", spec)
        pods = [cluster["headGroupSpec"]["template"], *(group["template"] for group in cluster["workerGroupSpecs"])]
    return [container for pod in pods for container in pod["spec"]["containers"]]


@pytest.mark.parametrize("name", [*RAY_FILES, "nightly.yaml"])
def test_requests_equal_limits(name: str) -> None:
    for container in containers(name):
        assert container["resources"]["requests"] == container["resources"]["limits"], container["name"]


@pytest.mark.parametrize("name", RAY_FILES)
def test_environment_is_the_same_on_head_and_workers(name: str) -> None:
    head, *workers = [container["env"] for container in containers(name)]
    assert all(worker == head for worker in workers)
    plain = {variable["name"]: variable.get("value") for variable in head}
    assert plain == {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
        "NUMBA_NUM_THREADS": "1",
        "MIMALLOC_PURGE_DELAY": "-1",
        "AWS_ACCESS_KEY_ID": None,
        "AWS_SECRET_ACCESS_KEY": None,
        "AWS_ENDPOINT_URL": None,
    }


@pytest.mark.parametrize("name", RAY_FILES)
def test_head_runs_the_driver_only_and_asks_for_a_token(name: str) -> None:
    spec = load(name)["spec"]
    spec = spec.get("rayClusterSpec", spec)
    assert spec["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"
    assert spec["authOptions"] == {"mode": "token"}


def test_all_manifests_use_one_image() -> None:
    assert len({container["image"] for name in [*RAY_FILES, "nightly.yaml"] for container in containers(name)}) == 1


def spoiled(name: str, spoil: Callable[[Manifest], object]) -> Manifest:
    manifest = copy.deepcopy(load(name))
    spoil(manifest["spec"])
    return manifest


@needs_schemas
@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda spec: spec.update(shutdownAfterJobFinish=True), "shutdownAfterJobFinish"),
        (lambda spec: spec.update(backoffLimit="two"), "two"),
        (lambda spec: spec["rayClusterSpec"]["workerGroupSpecs"][0].pop("groupName"), "groupName"),
        (lambda spec: spec["rayClusterSpec"]["headGroupSpec"]["rayStartParams"].update({"num-cpus": 0}), "num-cpus"),
        (lambda spec: spec["rayClusterSpec"]["authOptions"].update(mode="tokens"), "tokens"),
    ],
    ids=["typo", "wrong type", "missing field", "number for text", "unknown choice"],
)
def test_schema_catches(spoil: Callable[[Manifest], object], error: str) -> None:
    assert any(error in found for found in schema_errors(spoiled("rayjob.yaml", spoil)))


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda s: s.pop("rayClusterSpec"), "exactly one"),
        (lambda s: s.update(clusterSelector={"ray.io/cluster": "x"}), "exactly one"),
        (lambda s: s.update(clusterSelector={"ray.io/cluster": "x"}), "excludes backoffLimit"),
        (lambda s: s.update(shutdownAfterJobFinishes=False), "ttlSecondsAfterFinished needs"),
        (lambda s: s.update(suspend=True, shutdownAfterJobFinishes=False), "suspend needs"),
        (lambda s: s.update(ttlSecondsAfterFinished=-1), "negative"),
        (lambda s: s.update(activeDeadlineSeconds=0), "must be positive"),
        (lambda s: s.update(submissionMode="SidecarMode"), "SidecarMode excludes"),
        (lambda s: s.update(submissionMode="InteractiveMode"), "InteractiveMode excludes"),
        (lambda s: s.update(deletionStrategy={}), "feature gate"),
        (lambda s: s.update(entrypointNumCpus=1), "leave the head"),
        (lambda s: s.update(runtimeEnvYAML="working_dir: ."), "shadow"),
        (lambda s: s["rayClusterSpec"].update(rayVersion="2.51.0"), "2.52"),
        (lambda s: s["rayClusterSpec"].pop("rayVersion"), "2.52"),
        (lambda s: s["rayClusterSpec"]["authOptions"].update(enableK8sTokenAuth=True), "enableK8sTokenAuth"),
        (lambda s: s["rayClusterSpec"].update(enableInTreeAutoscaling=False), "needs enableInTreeAutoscaling"),
        (lambda s: s["rayClusterSpec"]["headGroupSpec"]["template"]["spec"].update(restartPolicy="Always"), "Never"),
        (lambda s: s["rayClusterSpec"]["headGroupSpec"].update(resources={"CPU": "1"}), "set both"),
        (lambda s: s["rayClusterSpec"]["headGroupSpec"]["rayStartParams"].update(labels="a=b"), "labels"),
        (lambda s: s["rayClusterSpec"]["workerGroupSpecs"][0].update(minReplicas=9), "above maxReplicas"),
        (lambda s: s["rayClusterSpec"]["workerGroupSpecs"].append(s["rayClusterSpec"]["workerGroupSpecs"][0]), "same"),
    ],
)
def test_rules_catch(spoil: Callable[[Manifest], object], error: str) -> None:
    assert any(error in found for found in rule_errors(spoiled("rayjob.yaml", spoil)))


@pytest.mark.parametrize(("name", "error"), [("x" * 48, "47"), ("9job", "DNS-1035"), ("a.b", "DNS-1035")])
def test_rules_catch_names(name: str, error: str) -> None:
    manifest = load("rayjob.yaml")
    manifest["metadata"]["name"] = name
    assert any(error in found for found in rule_errors(manifest))
