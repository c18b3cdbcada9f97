# 通电 · Tongdian. `make run` and `make test` are all one needs; both set up what is missing, once.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export TONGDIAN_HOME ?= $(CURDIR)/var
export PIP_DISABLE_PIP_VERSION_CHECK := 1
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
CODE := src tests benchmarks
JOBS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n < 4 ? n : 4)))
DEBIAN_POSTGRESQL := /usr/lib/postgresql/15/bin
# What a database decides (triggers, locks, rights) runs on both versions of PostgreSQL.
ON_BOTH_DATABASES := $(wildcard tests/case tests/people tests/connection tests/gateway)
CATALOGUES := $(wildcard src/tongdian/*/locale/*/LC_MESSAGES/django.po)
ASSETS := package-lock.json package.json $(wildcard assets/*)
BUILT := src/tongdian/ui/static/vendor/bootstrap.css

.PHONY: help setup run test check bench prove reset picture messages locks format

help: ## 列出目标 · list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-9s %s\n", $$1, $$2 }'

setup: $(STAMPS)/serve $(STAMPS)/project $(BUILT) $(STAMPS)/messages ## 准备运行环境 · environment, assets and words

run: setup ## 启动(PORT=、ARGS=)· start everything with the demonstration (PORT=, ARGS=)
	@exec $(BIN)/tongdian run --demo $(if $(PORT),--port $(PORT)) $(ARGS)

test: setup $(STAMPS)/test ## 检查并测试 · checks, then every test, database tests on both PostgreSQL versions
	@setup/packages.sh
	@$(MAKE) check
	@echo "数据库相关测试(Debian 的 PostgreSQL 15)· database tests on Debian's PostgreSQL 15"
	@TONGDIAN_TEST_BINARIES=$(DEBIAN_POSTGRESQL) $(BIN)/pytest -q -n $(JOBS) --dist loadscope $(ON_BOTH_DATABASES)
	@echo "全部测试(内嵌 PostgreSQL)· every test on the embedded PostgreSQL"
	@$(BIN)/pytest -q -n $(JOBS) --dist loadscope

check: $(STAMPS)/serve $(STAMPS)/project $(STAMPS)/test ## 格式、类型、分层、译文 · format, lint, types, contracts, words
	@$(BIN)/ruff format --check --quiet $(CODE)
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/tongdian messages check
	@echo "检查通过 · checks passed"

bench: setup $(STAMPS)/bench ## 性能对比(ARGS="CASE --size full")· benchmarks against peers
	@$(BIN)/python -m benchmarks $(ARGS)

prove: setup $(STAMPS)/test $(STAMPS)/bench ## 全量测试与性能 · full sizes, for the figures the docs quote
	@setup/packages.sh
	@$(BIN)/python -m benchmarks --size full
	@TONGDIAN_PROVE=1 $(BIN)/pytest -q -n $(JOBS) --dist loadscope

reset: $(STAMPS)/serve $(STAMPS)/project ## 清空数据(先询问,YES=1 不问)· delete all data; asks first
	@$(BIN)/tongdian reset $(if $(filter 1,$(YES)),--yes)

picture: setup $(STAMPS)/test ## 重拍 README 的图片 · photograph the demonstration for the README
	@setup/packages.sh
	@PYTHONPATH=tests:. $(BIN)/python setup/picture.py

messages: $(STAMPS)/serve $(STAMPS)/project ## 提取并编译译文 · extract and compile the words
	@$(BIN)/tongdian messages extract
	@$(BIN)/tongdian messages compile

format: $(STAMPS)/test ## 整理格式 · format the code
	@$(BIN)/ruff format $(CODE)
	@$(BIN)/ruff check --fix $(CODE)

# The test set is resolved first and pins the others, so that every environment runs the same versions.
LOCK := uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11
locks: ## 重新解析依赖 · resolve the dependencies anew (needs uv)
	@$(LOCK) pyproject.toml --extra test -o requirements/test.lock
	@$(LOCK) pyproject.toml -c requirements/test.lock -o requirements/serve.lock
	@$(LOCK) pyproject.toml --extra test --extra bench -c requirements/test.lock -o requirements/bench.lock
	@for group in build virtualenv node; do $(LOCK) --group $$group -o requirements/$$group.lock; done

$(STAMPS)/venv:
	@echo "[1/5] Python 环境 · the Python environment"
	@setup/venv.sh $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/serve: requirements/serve.lock requirements/build.lock | $(STAMPS)/venv
	@echo "[2/5] 安装依赖 · packages to serve with"
	@setup/install.sh requirements/build.lock $(VENV)
	@setup/install.sh requirements/serve.lock $(VENV)
	@touch $@

$(STAMPS)/project: pyproject.toml | $(STAMPS)/serve
	@$(BIN)/python -m pip install --quiet --no-index --no-deps --no-build-isolation --editable .
	@touch $@

$(BUILT): $(ASSETS) | $(STAMPS)/venv
	@echo "[3/5] 前端资源 · styles and scripts"
	@setup/npm.sh ci --ignore-scripts --no-progress --loglevel=error
	@setup/npm.sh run --silent build
	@touch $@

$(STAMPS)/messages: $(CATALOGUES) | $(STAMPS)/project
	@echo "[4/5] 译文 · words"
	@$(BIN)/tongdian messages compile
	@touch $@

$(STAMPS)/test: requirements/test.lock | $(STAMPS)/serve
	@echo "[5/5] 测试工具 · packages to test with"
	@setup/install.sh requirements/test.lock $(VENV)
	@touch $@

$(STAMPS)/bench: requirements/bench.lock | $(STAMPS)/test
	@echo "性能对比工具 · packages to measure against"
	@setup/install.sh requirements/bench.lock $(VENV)
	@touch $@
