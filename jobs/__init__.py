"""What happens to a job: spec, plan, passes, engines, storage, commits, ledger, release, report, command line."""
