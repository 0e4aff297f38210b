# What a newcomer types: `make run`; what CI types: `make test`; what puts it into an account: `make deploy`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export JSII_RUNTIME_PACKAGE_CACHE := enabled

PIN := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url
CODE := app.py braket_notifier lambdas infra local security examples benchmarks tests .github/check_subjects.py

.PHONY: help setup run test prove breaks bench check check-security check-permissions sbom lint types unit synth preflight deploy clients preview screenshot lock clean

help:  ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

setup: $(VENV)/.ready node_modules/.ready  ## fetch everything: Python packages with hashes, the CDK command line

$(VENV)/.ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; PYTHON=python3.12 make … names another one"; exit 1; }
	@node -e 'process.exit(Number(process.versions.node.split(".")[0] < 20))' \
		|| { echo "Node.js 20 or newer is needed: AWS CDK runs on it"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@ln -sf ../../bin/braket-notifier $(BIN)/braket-notifier
	@touch $@

node_modules/.ready: package-lock.json
	npm ci --silent --no-audit --no-fund
	@touch $@

run: $(VENV)/.ready  ## the real template on a local cloud, telling stories (KEEP=1 stays up until Ctrl-C)
	@$(BIN)/python -m local.run $(if $(KEEP),--keep)

test: setup lint types  ## everything: lint, types, unit, adapter, infra and end-to-end tests
	$(BIN)/python -m pytest --numprocesses auto --dist loadscope --no-loadscope-reorder

prove: $(VENV)/.ready  ## the delivery guarantee, proven at length: one table, and what was lost or repeated
	@PYTHONPATH=lambdas $(BIN)/python -m tests.prove

breaks: $(VENV)/.ready  ## breaks the code on purpose, one promise at a time: the tests named for it must fail
	@PYTHONPATH=lambdas $(BIN)/python -m tests.prove.breaks

bench: build/benchmarks/.ready  ## what it costs, measured: every benchmark, or NAME=sweep (docs/performance.md)
	@PYTHONPATH=lambdas:build/benchmarks $(BIN)/python -m benchmarks $(NAME)

build/benchmarks/.ready: benchmarks/requirements.txt $(VENV)/.ready
	rm -rf build/benchmarks
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		--target build/benchmarks --requirement benchmarks/requirements.txt
	@touch $@

check: $(VENV)/.ready lint types unit  ## what runs in seconds, before each commit

check-security: $(VENV)/.ready build/security-venv/.ready  ## templates, permissions, packages and secrets, in one table
	@STRICT=$(STRICT) $(BIN)/python -m security

check-permissions: setup  ## take each new right away once on the local cloud: something must fail (AGAIN=1: all of them)
	@AGAIN=$(AGAIN) $(BIN)/python -m security.check_permissions

sbom: $(VENV)/.ready build/security-venv/.ready  ## CycloneDX bills of what runs and of what builds it, in build/sbom
	@$(BIN)/python -m security.sbom

build/security-venv/.ready: security/requirements.txt
	$(PYTHON) -m venv build/security-venv
	build/security-venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

lint: $(VENV)/.ready
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)

types: $(VENV)/.ready
	$(BIN)/mypy $(CODE)

unit: $(VENV)/.ready
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal tests/unit tests/test_architecture.py

synth: setup  ## the CloudFormation template, in cdk.out
	npx --no-install cdk synth --quiet

preflight: $(VENV)/.ready
	@bin/braket-notifier preflight $(if $(DROP),--drop)

deploy: setup preflight  ## into the AWS account of your credentials (REPAIR=1 puts back what was changed there by hand)
	npx --no-install cdk deploy --all $(if $(REPAIR),--revert-drift)
	@bin/braket-notifier doctor || echo "It is deployed; what is left to do stands above."
	@bin/braket-notifier test || echo "When that is done: bin/braket-notifier test"

clients: setup  ## amazon-braket-sdk and the AWS command line read from the Braket emulator (an environment of its own)
	$(BIN)/python -m tests.e2e.clients.run

preview: $(VENV)/.ready  ## every kind of message on one page, build/preview.html (PICTURES=1: those of docs/ too)
	@PYTHONPATH=lambdas $(BIN)/python -m local.gallery.preview $(if $(PICTURES),&& PYTHONPATH=lambdas $(BIN)/python -m local.gallery.preview_pictures)

screenshot: $(VENV)/.ready  ## the inbox after `make run` and the status board, as pictures in docs/ (needs Chromium)
	$(BIN)/python -m local.run --picture docs/inbox.png
	$(BIN)/python -m local.gallery.terminal
	PYTHONPATH=lambdas $(BIN)/python -m local.gallery.board_pictures

lock:  ## pin again what pyproject.toml and the .in files ask for (needs uv)
	$(PIN) pyproject.toml lambdas/requirements.in --extra deploy --extra dev -o requirements.txt
	$(PIN) lambdas/requirements.in -c requirements.txt -o lambdas/requirements.txt
	$(PIN) benchmarks/requirements.in -c requirements.txt -o benchmarks/requirements.txt
	$(PIN) security/requirements.in -o security/requirements.txt
	$(PIN) tests/e2e/clients/requirements.in -o tests/e2e/clients/requirements.txt

clean:  ## everything that was fetched or built
	rm -rf $(VENV) node_modules build cdk.out .mypy_cache .pytest_cache .ruff_cache .hypothesis
