"""Imported, it loads the kernels of a job's usual steps: for a server whose forks then need not."""

from ops.dedup.exact import ExactDedup
from ops.dedup.near import NearDedup
from ops.edits.repair import Repair
from ops.filters.signals import QualitySignals
from ops.kernels.__main__ import compile_for
from ops.mixing.mix import Mix

compile_for([Repair(), QualitySignals(), ExactDedup(), NearDedup(), Mix()])
