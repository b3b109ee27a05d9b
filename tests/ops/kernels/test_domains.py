"""Domains: those that a set of strings finds, of any hosts."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from ops.kernels.domains import domain_set, within

LABELS = st.sampled_from(["a", "b", "ab", "com", "co", "uk", "xn--a", "1", ""])
HOSTS = st.lists(LABELS, max_size=5).map(".".join) | st.text(max_size=10)


def twin(host: str, domains: set[str]) -> bool:
    labels = host.split(".")
    return any(".".join(labels[start:]) in domains for start in range(len(labels)) if any(labels[start:]))


@given(st.lists(HOSTS, max_size=20), st.sets(HOSTS.filter(lambda host: host.strip(".")), max_size=20))
def test_twin(hosts: list[str], domains: set[str]) -> None:
    found = within(pa.array(hosts, pa.string()), domain_set(pa.array(sorted(domains), pa.string())))
    assert found.tolist() == [twin(host, domains) for host in hosts]


def test_many_domains() -> None:
    domains = pa.array([f"site{n}.example" for n in range(100_000)])
    hosts = pa.array([f"www.site{n}.example" for n in range(100_000)] + [f"sit{n}.example" for n in range(100_000)])
    found = within(hosts, domain_set(domains))
    assert found[:100_000].all()
    assert not found[100_000:].any()
