# The verbs of ivle: run test lint format bench doctor (and environments, lock, clean). Nothing but Python 3.11+ and make is needed.

PYTHON ?= python3
RUNTIME := $(patsubst %/,%,$(if $(IVLE_RUNTIME),$(IVLE_RUNTIME),.runtime))
SITE := .venv/bin/python
INSTALL := -m pip --disable-pip-version-check install -qq --no-deps --require-hashes
COMPILE := $(SITE) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --format requirements.txt $(LOCK_OPTIONS)

.PHONY: run environments test lint format bench doctor lock clean

run: .venv/site.stamp $(RUNTIME)/runtime.stamp
	@$(SITE) manage.py up

# What `run` and the units of deploy/systemd need, and nothing started.
environments: .venv/site.stamp $(RUNTIME)/runtime.stamp

test: .venv/test.stamp $(RUNTIME)/runtime.stamp
	$(SITE) -m pytest $(ARGS)

lint: .venv/test.stamp
	$(SITE) -m ruff check
	$(SITE) -m ruff format --check
	$(SITE) -m mypy .
	$(SITE) -m pytest -q tests/test_architecture.py

format: .venv/test.stamp
	$(SITE) -m ruff check --fix
	$(SITE) -m ruff format

bench: .venv/bench.stamp $(RUNTIME)/runtime.stamp
	@$(SITE) -m bench $(ARGS)

doctor: .venv/site.stamp $(RUNTIME)/runtime.stamp
	@$(SITE) -m sandbox doctor --runtime $(RUNTIME) $(ARGS)

# New versions: make lock LOCK_OPTIONS=--upgrade
lock: .venv/test.stamp
	$(COMPILE) pyproject.toml -o requirements/site.lock
	$(COMPILE) pyproject.toml --group test -c requirements/site.lock -o requirements/test.lock
	$(COMPILE) --group bench -c requirements/site.lock -o requirements/bench.lock
	$(COMPILE) --group runtime -o requirements/runtime.lock

clean:
	rm -rf .venv $(RUNTIME)/runtime.stamp .runtime .runtime.new .runtime.old-* .mypy_cache .ruff_cache .pytest_cache

# Each environment is made once, and brought up to date when its lock has changed.
.venv/site.stamp: requirements/site.lock | $(SITE)
	@echo "Installing what the site needs ..."
	@$(SITE) $(INSTALL) -r requirements/site.lock
	@touch $@

.venv/test.stamp: requirements/test.lock .venv/site.stamp
	@echo "Installing what the tests need ..."
	@$(SITE) $(INSTALL) -r requirements/test.lock
	@touch $@

.venv/bench.stamp: requirements/bench.lock .venv/site.stamp
	@echo "Installing what the bench measures beside ivle ..."
	@$(SITE) $(INSTALL) -r requirements/bench.lock
	@touch $@

$(SITE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	|| { echo "ivle needs Python 3.11 or newer, and $(PYTHON) is not. Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	|| { echo "This Python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv .venv

# The students' Python: made by the same interpreter, without pip, with nothing of the site in it. Changed in a copy, which
# takes its place when it is whole; those who run on what was there keep that.
$(RUNTIME)/runtime.stamp: requirements/runtime.lock | $(SITE)
	@echo "Installing the students' Python in $(RUNTIME) ..."
	@test ! -e $(RUNTIME) || test -e $(RUNTIME)/pyvenv.cfg || rmdir $(RUNTIME) 2>/dev/null \
	|| { echo "$(RUNTIME) is no Python environment. Name a folder that is not there yet: IVLE_RUNTIME=..."; exit 1; }
	@rm -rf $(RUNTIME).new
	@test ! -e $(RUNTIME) || cp -a $(RUNTIME)/. $(RUNTIME).new
	@test -x $(RUNTIME).new/bin/python \
	|| "$$($(SITE) -c 'import sys; print(sys._base_executable)')" -m venv --without-pip $(RUNTIME).new
	@$(SITE) -m pip --python $(RUNTIME).new/bin/python $(subst -m pip ,,$(INSTALL)) --only-binary :all: -r requirements/runtime.lock
	@touch $(RUNTIME).new/runtime.stamp
	@$(SITE) -c 'import sys; from sandbox import generations; generations.take_place(sys.argv[1])' $(RUNTIME)
