# Fealty's commands. The work is done by the scripts in scripts/, which say what they need.
SHELL = /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run stop setup test test-rust test-e2e lint fmt schema bench clean

help: ## list the commands
	@printf 'Fealty: make COMMAND\n\n'
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'
	@printf '\nVariables: PORT=8000 SIM_PORT=8100 (run), RUST_TESTS=filter E2E_TESTS=file (test), YES=1 CACHE=1 (clean)\n'
	@printf 'More in docs/development.md.\n'

run: ## set up, build and start everything with a demo organisation; Ctrl-C stops it
	@PORT='$(PORT)' SIM_PORT='$(SIM_PORT)' sh scripts/run.sh

stop: ## stop what `make run` started, also when it was killed
	@sh scripts/stop.sh

setup: ## only set up what running and testing need
	@sh scripts/setup.sh test && echo 'Everything is there.'

test: ## set up and run every test: unit, API, worker, browser
	@sh scripts/test.sh

test-rust: ## only the Rust tests
	@sh scripts/test.sh rust

test-e2e: ## only the browser tests
	@sh scripts/test.sh e2e

lint: ## formatting, clippy, scripts, container files; changes nothing
	@sh scripts/lint.sh

fmt: ## format the Rust sources
	@cargo fmt --all

schema: ## write schema.graphql anew from the server's code
	@sh scripts/schema.sh

bench: ## measure the performance budgets (minutes; an optimised build)
	@sh scripts/bench.sh

clean: ## remove what these commands made here: databases, logs, compiled files, npm packages
	@YES='$(YES)' CLEAN_CACHE='$(CACHE)' sh scripts/clean.sh
