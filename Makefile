# Thin wrappers: tools/bootstrap.py prepares what a target needs, then hands over.
PYTHON ?= python3
BOOTSTRAP = @$(PYTHON) tools/bootstrap.py
.DEFAULT_GOAL := help
# Some machines forbid bytecode files. A province is a dozen processes, and the tests start many of
# them: without the files each compiles everything anew, which is half of its start.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help run test check chaos bench smoke lock migrations matrix docker-check clean python

help: ## this list
	@echo "省事通 Shengshitong"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile

run: python ## start a province on this machine (PORT=8000 HOST=127.0.0.1 DATA=.data)
	$(BOOTSTRAP) run $(if $(PORT),--port $(PORT)) $(if $(HOST),--host $(HOST)) $(if $(DATA),--data $(DATA))

test: python ## install what tests need and run all of them
	$(BOOTSTRAP) test

check: python ## ruff, mypy strict, import-linter, vue-tsc
	$(BOOTSTRAP) check

bench: python ## measure, one JSON line each (ONLY=wallet_read for one)
	$(BOOTSTRAP) bench $(if $(ONLY),--only $(ONLY))

chaos: python ## submit applications while everything is killed and restarted (N=10000)
	$(BOOTSTRAP) chaos $(if $(N),--submissions $(N))

smoke: python ## a fresh instance on free ports, the main journey over HTTP
	$(BOOTSTRAP) smoke

lock: python ## write requirements*.lock anew from pyproject.toml
	$(BOOTSTRAP) lock

migrations: ## write the migrations that changed models need
	@.venv/bin/tortoise -c backend.store.database.TORTOISE_ORM makemigrations

matrix: ## write docs/access.md from the declared endpoints
	@.venv/bin/python -m tools.write_matrix

docker-check: ## let docker compose read docker/compose.yaml
	@sh docker/check.sh

clean: ## remove what was installed and built (not .data)
	@rm -rf .venv miniprogram/node_modules miniprogram/harness/node_modules miniprogram/dist
	@rm -rf *.egg-info .mypy_cache .ruff_cache .import_linter_cache tests/output

python:
	@command -v $(PYTHON) >/dev/null || { echo "省事通：没有找到 $(PYTHON)。请安装 Python 3.11 或更新版本，或指明路径：make … PYTHON=/path/to/python3 (Python >= 3.11 not found)" >&2; exit 1; }
