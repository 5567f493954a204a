# The verbs of ivle: run test lint format bench doctor (and lock, clean). Nothing but Python 3.11+ and make is needed.

PYTHON ?= python3
RUNTIME := $(if $(IVLE_RUNTIME),$(IVLE_RUNTIME),.runtime)
SITE := .venv/bin/python
INSTALL := -m pip --disable-pip-version-check install -qq --no-deps --require-hashes
COMPILE := $(SITE) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --format requirements.txt $(LOCK_OPTIONS)

.PHONY: run test lint format bench doctor lock clean

run: .venv/site.stamp $(RUNTIME)/runtime.stamp
	@$(SITE) manage.py up

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
	rm -rf .venv $(RUNTIME)/runtime.stamp .runtime .mypy_cache .ruff_cache .pytest_cache

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

# The students' Python: made by the same interpreter, without pip, with nothing of the site in it.
$(RUNTIME)/runtime.stamp: requirements/runtime.lock | $(SITE)
	@echo "Installing the students' Python in $(RUNTIME) ..."
	@test -x $(RUNTIME)/bin/python \
	|| "$$($(SITE) -c 'import sys; print(sys._base_executable)')" -m venv --without-pip $(RUNTIME)
	@$(SITE) -m pip --python $(RUNTIME)/bin/python $(subst -m pip ,,$(INSTALL)) -r requirements/runtime.lock
	@touch $@
