# Every target installs what it needs. PYTHON is the interpreter (3.11 or newer).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNS := $(VENV)/.runs
TESTS := $(VENV)/.tests
FUZZES := $(VENV)/.fuzzes
DETECTOR := $(VENV)/.detector
# The supply chain tools have an environment of their own, separate from the packages that they check.
TOOLS := build/tools
RUNTIME := build/runtime
SBOM := build/sbom.json
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
# The first `make demo` or `make test` takes a minute; here pip is not quiet, so that its progress is visible.
PIP_TOLD := -m pip install --disable-pip-version-check
# The versions of requirements.lock without the hashes: with hashes, pip refuses editable installs.
CONSTRAINTS := build/constraints.txt
INSTALL := $(BIN)/python $(PIP_INSTALL) --constraint $(CONSTRAINTS)
INSTALL_TOLD := $(BIN)/python $(PIP_TOLD) --constraint $(CONSTRAINTS)
# The packages of the image are installed from wheels whose hashes are in the lock files.
WHEEL := build/dist/.built
BUILDER := build/builder
LOCK := build/lock
COMPILE := $(LOCK)/bin/uv pip compile --quiet --no-cache --system-certs --upgrade --generate-hashes --no-header --no-annotate
# Coverage-guided fuzzing: seconds for each target, and number of targets that run at the same time.
FUZZ_SECONDS ?= 600
FUZZ_JOBS ?= 2
# Number of tests at the same time. Most of the time of the suite is waiting: for the time limits of slow peers, and for
# processes that start and end.
TEST_JOBS ?= 4
AT_ONCE = --numprocesses $(TEST_JOBS) --dist worksteal
# Tests of code that opens listeners or connections: they also run on asyncio's own event loop. tests/test_loops.py checks
# that the list is complete.
NETWORK_RINGS := tests/adapters tests/gateway tests/peers
# Debian packages of real systems that the tests talk to; `make peers` installs them.
PEERS := dcmtk dicom3tools orthanc orthanc-dicomweb openssl rsyslog strace libgdcm-tools ctn libpixelmed-java default-jre-headless \
	nginx tinyproxy squid chromium
# Peers from PyPI that Hilum does not depend on, in an environment of their own.
PYTHON_PEERS := build/python-peers
# Peers from npm, in the versions of their lock file. They need Node.js 20 or newer, which Debian 12 does not have.
NODE_PEERS := build/node-peers
# The judge of accessibility in the browser tests, from npm, and playwright, which drives Debian's Chromium.
BROWSER_PEERS := build/browser-peers
# Google's client of Pub/Sub brings grpcio, 20 MB, which nothing else here needs.
GOOGLE_PEERS := build/google-peers
# Other de-identifiers of DICOM, which `make bench` compares Hilum with.
DEIDENTIFIERS := build/deidentifiers
# What row 17 of `make bench` compares tables with: idc-index with its index of a million series, pydicom and pandas; 700 MB.
TABLE_PEERS := build/table-peers
# Apache Beam, which brings 500 MB and versions of its own, for the tests of the pipeline's other driver.
BEAM := build/beam-tests
# Medplum's FHIR router, and the definitions of FHIR R4 from which the sandbox's tables are generated: 120 MB.
MEDPLUM := build/medplum

# A new random seed for the targets that search for unknown faults; it is printed. `make test` has one fixed seed.
NEW_SEED := $(shell od -An -N4 -tu4 /dev/urandom | tr -d ' ')

.DEFAULT_GOAL := help
.PHONY: help bench demo test test-slow test-asyncio quick test-faults test-beam test-sends import-kills pipeline-kills pipeline-faults flips campaign fuzz hostile lint format docs peers node-peers python-peers google-peers sbom audit clean lock wheel medplum definitions browser-peers deidentifiers table-peers detector

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(CONSTRAINTS): requirements.lock
	@mkdir -p $(@D)
	grep -o '^[^ ]*==[^ ]*' requirements.lock > $@

$(RUNS): $(CONSTRAINTS) pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Hilum needs Python 3.11 or newer; set PYTHON=...")'
	@echo "Making $(VENV) and installing what Hilum needs (about a minute, once):"
	$(PYTHON) -m venv $(VENV)
	$(INSTALL_TOLD) setuptools
	$(INSTALL_TOLD) --no-build-isolation --editable .
	@touch $(RUNS)

$(TESTS): $(RUNS)
	@echo "Installing what the tests need (about a minute, once):"
	$(INSTALL_TOLD) --no-build-isolation --editable '.[dev]'
	@touch $(TESTS)

demo: $(RUNS) ## start gateway and stores, send sample messages; runs until Ctrl-C
	$(BIN)/hilum demo

test: lint ## run the tests but the slow ones, TEST_JOBS=4 at once; tests whose peer or corpus is missing are skipped with the reason
	@echo "Running the tests; the number in brackets counts the finished ones."
	$(BIN)/python -m pytest $(AT_ONCE) -m "not slow"

test-slow: $(TESTS) ## run the slow tests, which `make test` leaves out: kills, full disks, attacks, most of the real peers
	$(BIN)/python -m pytest $(AT_ONCE) -m slow

test-asyncio: $(TESTS) ## run the network tests on asyncio's loop instead of uvloop, as on a platform without uvloop
	$(BIN)/python -m pytest --loop asyncio $(AT_ONCE) -m "asyncio and not slow" $(NETWORK_RINGS)

quick: $(TESTS) ## run the fast tests only
	$(BIN)/python -m pytest $(AT_ONCE) -m "not slow" tests/gateway tests/adapters

test-faults: $(TESTS) ## test commit mode with 100 kills, full disks and damaged files; SEED=... (default: random)
	HILUM_SEED=$(or $(SEED),$(NEW_SEED)) HILUM_KILLS=100 $(BIN)/python -m pytest tests/faults

import-kills: $(TESTS) ## import while importer, store and S3 server are killed 100 times; SEED=... (default: random), KILLS=...
	HILUM_SEED=$(or $(SEED),$(NEW_SEED)) HILUM_KILLS=$(or $(KILLS),100) \
		$(BIN)/python -m pytest tests/gateway/cli/importing/test_kills.py

pipeline-kills: $(TESTS) $(BEAM)/.installed ## kill the pipeline 100 times, with each driver; SEED=... (default: random), KILLS=...
	HILUM_SEED=$(or $(SEED),$(NEW_SEED)) HILUM_KILLS=$(or $(KILLS),100) \
		$(BIN)/python -m pytest tests/pipeline/test_kills.py -k "not beam"
	HILUM_SEED=$(or $(SEED),$(NEW_SEED)) HILUM_KILLS=$(or $(KILLS),100) \
		$(BEAM)/bin/python -m pytest tests/pipeline/test_kills.py -k beam

pipeline-faults: $(TESTS) ## let the pipeline fail at each of its functions and lines (hours); SEED=... (default: random)
	HILUM_SEED=$(or $(SEED),$(NEW_SEED)) HILUM_FAULTS=0 \
		$(BIN)/python -m pytest $(AT_ONCE) tests/adapters/pipeline/test_faults.py

flips: $(TESTS) ## damage a spool in 400 places, one at a time; SEED=... (default: random), FLIPS=...
	HILUM_SEED=$(or $(SEED),$(NEW_SEED)) HILUM_FLIPS=$(or $(FLIPS),400) \
		$(BIN)/python -m pytest tests/gateway/spool/care/test_salvage.py -k one_flipped_bit

test-sends: $(TESTS) ## send 600 instances 40 times on a busy machine: no answer is lost; SENDS=40, BURNERS=4
	HILUM_SENDS=$(or $(SENDS),40) HILUM_BURNERS=$(or $(BURNERS),4) \
		$(BIN)/python -m pytest -s tests/peers/test_sending.py -k no_answer_is_lost

campaign: $(TESTS) ## kill Hilum while stores fail and recover; check every message; MINUTES=10, SEED=..., WORKERS=1, STRICT=1
	$(BIN)/python -m tests.campaign $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) \
		$(if $(WORKERS),--workers $(WORKERS)) $(if $(STRICT),--strict)

detector: $(DETECTOR) ## install the extra `ocr`: without its detector of text, the tests of images are skipped

$(DETECTOR): $(TESTS)
	$(INSTALL) --no-build-isolation --editable '.[ocr]'
	@touch $@

$(FUZZES): $(TESTS)
	$(INSTALL) --no-build-isolation --editable '.[fuzz]'
	@touch $(FUZZES)

fuzz: $(FUZZES) ## run coverage-guided fuzzing; FUZZ_SECONDS=600 for each target, FUZZ_JOBS=2 at once, TARGETS=...
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS) --jobs $(FUZZ_JOBS) $(TARGETS)

hostile: $(TESTS) ## measure how much longer well-behaved peers wait during attacks; SECONDS=3, ATTACKS=...
	$(BIN)/python -m tests.hostile $(if $(SECONDS),--seconds $(SECONDS)) $(ATTACKS)

lint: $(TESTS) ## run ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@echo "Checking types (about a minute the first time):"
	$(BIN)/mypy

format: $(TESTS) ## format the code with ruff, and apply its automatic fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(TESTS) ## run benchmarks against other systems and limits; ROWS=1,4 selects rows, ROUNDS=5 sets the rounds; OLD=folder compares with another version
	$(BIN)/python -m tests.bench $(if $(ROWS),--rows $(ROWS)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(OLD),--old $(OLD))

docs: $(TESTS) ## generate the pages of docs/ that are made from settings, tables, log events and metrics
	$(BIN)/python docs/write_configuration.py
	$(BIN)/python docs/write_replies.py
	$(BIN)/python docs/write_log_events.py
	$(BIN)/python docs/write_metrics.py
	$(BIN)/python docs/write_causes.py
	$(BIN)/python docs/write_sandbox_methods.py
	$(BIN)/python -m docs.write_deidentification
	$(BIN)/python docs/write_alerts.py
	$(BIN)/python -m tests.corpus.write_fhir

$(TOOLS)/.installed: $(CONSTRAINTS) pyproject.toml
	rm -rf $(TOOLS) && $(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python $(PIP_INSTALL) --constraint $(CONSTRAINTS) cyclonedx-bom pip-audit
	@touch $(TOOLS)/.installed

wheel: $(WHEEL) ## build build/dist/hilum-*.whl, with the setuptools of requirements-build.lock

$(WHEEL): requirements-build.lock pyproject.toml README.md LICENSE $(shell find gateway adapters -name '*.py' -o -name '*.tsv' -o -name '*.html' -o -path '*/static/*')
	rm -rf $(BUILDER) $(@D) build/lib build/bdist.* && $(PYTHON) -m venv $(BUILDER)
	$(BUILDER)/bin/python $(PIP_INSTALL) --require-hashes --only-binary :all: --requirement requirements-build.lock
	$(BUILDER)/bin/python -m pip wheel --quiet --disable-pip-version-check --no-build-isolation --no-deps --wheel-dir $(@D) .
	@touch $@

sbom: $(TOOLS)/.installed $(WHEEL) ## write build/sbom.json (CycloneDX): the packages of a running Hilum, installed as in the image
	rm -rf $(RUNTIME) && $(PYTHON) -m venv $(RUNTIME)
	$(RUNTIME)/bin/python $(PIP_INSTALL) --require-hashes --only-binary :all: --requirement requirements-image.lock
	$(RUNTIME)/bin/python $(PIP_INSTALL) --no-deps --no-index $(dir $(WHEEL))hilum-*.whl
	$(RUNTIME)/bin/hilum --help >/dev/null
	$(RUNTIME)/bin/python -m pip check --disable-pip-version-check
	$(RUNTIME)/bin/python -m pip uninstall --quiet --yes pip setuptools
	$(TOOLS)/bin/cyclonedx-py environment $(RUNTIME)/bin/python --pyproject pyproject.toml --mc-type application \
		--output-reproducible --output-format JSON --output-file $(SBOM)

audit: $(TOOLS)/.installed ## look up known vulnerabilities of the packages in requirements.lock; fails without a connection
	$(TOOLS)/bin/pip-audit --strict --disable-pip --no-deps --progress-spinner off --requirement requirements.lock \
		|| { echo "make audit: vulnerabilities found; or nothing was checked, if the text above ends in a connection error" >&2; exit 1; }

peers: ## install the real peers from Debian's packages (as root)
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(PEERS)

node-peers: $(NODE_PEERS)/.installed ## install the peers from npm; needs Node.js 20 or newer

$(NODE_PEERS)/.installed: tests/peers/node/package.json tests/peers/node/package-lock.json
	@npm --version >/dev/null || { echo "make node-peers: npm is not installed; install Node.js 20 or newer" >&2; exit 1; }
	mkdir -p $(NODE_PEERS)
	cp $^ $(NODE_PEERS)
	npm ci --prefix $(NODE_PEERS) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

browser-peers: $(BROWSER_PEERS)/.installed ## install what the browser tests need beside Chromium (make peers); needs npm

$(BROWSER_PEERS)/.installed: tests/browser/package.json tests/browser/package-lock.json $(TESTS)
	@npm --version >/dev/null || { echo "make browser-peers: npm is not installed; install Node.js 20 or newer" >&2; exit 1; }
	$(INSTALL) --no-build-isolation --editable '.[browser]'
	mkdir -p $(BROWSER_PEERS)
	cp tests/browser/package.json tests/browser/package-lock.json $(BROWSER_PEERS)
	npm ci --prefix $(BROWSER_PEERS) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

google-peers: $(GOOGLE_PEERS)/.installed ## install Google's clients of Pub/Sub, Cloud Storage and BigQuery, and obstore, in an environment of its own

$(GOOGLE_PEERS)/.installed: tests/peers/google/requirements.txt
	rm -rf $(GOOGLE_PEERS) && $(PYTHON) -m venv $(GOOGLE_PEERS)
	$(GOOGLE_PEERS)/bin/python $(PIP_INSTALL) --requirement $<
	@touch $@

python-peers: $(PYTHON_PEERS)/.installed ## install the peers from PyPI into an environment of their own

$(PYTHON_PEERS)/.installed: tests/peers/python/requirements.txt
	rm -rf $(PYTHON_PEERS) && $(PYTHON) -m venv $(PYTHON_PEERS)
	$(PYTHON_PEERS)/bin/python $(PIP_INSTALL) --requirement $<
	@touch $@

deidentifiers: $(DEIDENTIFIERS)/.installed ## install other de-identifiers from PyPI, for row 14 of make bench

$(DEIDENTIFIERS)/.installed: tests/bench/deidentifiers/requirements.txt
	rm -rf $(DEIDENTIFIERS) && $(PYTHON) -m venv $(DEIDENTIFIERS)
	$(DEIDENTIFIERS)/bin/python $(PIP_INSTALL) --requirement $<
	@touch $@

test-beam: $(BEAM)/.installed ## run the tests of the research pipeline under Apache Beam, in an environment of their own
	$(BEAM)/bin/python -m pytest tests/adapters/pipeline/drivers/test_beam.py tests/pipeline/test_kills.py -k beam

$(BEAM)/.installed: pyproject.toml
	$(PYTHON) -m venv $(BEAM)
	$(BEAM)/bin/python $(PIP_INSTALL) --editable '.[beam]' apache-beam==2.77.0 hypothesis pytest pytest-asyncio pytest-timeout pytest-xdist
	@touch $@

table-peers: $(TABLE_PEERS)/.installed ## install what row 17 of make bench compares tables with, from PyPI

$(TABLE_PEERS)/.installed: tests/bench/table_peers/requirements.txt
	rm -rf $(TABLE_PEERS) && $(PYTHON) -m venv $(TABLE_PEERS)
	$(TABLE_PEERS)/bin/python $(PIP_INSTALL) --requirement $<
	@touch $@

medplum: $(MEDPLUM)/.installed ## install Medplum's FHIR router from npm, to compare searches with; needs Node.js 20 or newer

$(MEDPLUM)/.installed: tests/peers/medplum/package.json tests/peers/medplum/package-lock.json
	@npm --version >/dev/null || { echo "make medplum: npm is not installed; install Node.js 20 or newer" >&2; exit 1; }
	mkdir -p $(MEDPLUM)
	cp $^ $(MEDPLUM)
	npm ci --prefix $(MEDPLUM) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

definitions: $(TESTS) $(MEDPLUM)/.installed ## generate the tables of FHIR R4 of the sandbox's FHIR store
	$(BIN)/python tests/peers/medplum/write_search_parameters.py
	$(BIN)/python tests/peers/medplum/write_structure.py

lock: $(CONSTRAINTS) ## resolve the version ranges in pyproject.toml to exact versions again, with the hashes of their files
	rm -rf $(LOCK) && $(PYTHON) -m venv $(LOCK)
	$(LOCK)/bin/python $(PIP_INSTALL) --constraint $(CONSTRAINTS) uv
	sed -n 's/^requires = \["\(setuptools==[^"]*\)"\].*/\1/p' pyproject.toml > $(LOCK)/build.in
	$(COMPILE) --python $(LOCK)/bin/python --extra google --extra objects --extra ocr --extra tables --extra sandbox --extra dev --extra browser --extra fuzz --extra supply-chain \
		--no-emit-package pip --output-file requirements.lock pyproject.toml $(LOCK)/build.in
	$(COMPILE) --python-version 3.12 --extra google --constraint requirements.lock \
		--output-file requirements-image.lock pyproject.toml
	$(COMPILE) --python-version 3.12 --constraint requirements.lock --output-file requirements-build.lock $(LOCK)/build.in

clean: ## remove all generated files and environments
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
