# Two commands do everything: `make demo` (the main job) and `make test` (all tests).
SHELL := /bin/bash
.PHONY: demo test build wheel setup setup-browser bench quality peers tidy

# What setup found or installed where there is no root: paths of cmake and libclang.
ENV := if [ -f .tools/env ]; then source .tools/env; fi

demo: build
	@./target/release/cornerstone demo demo

build: setup
	@$(ENV); cargo build --release --locked --workspace

test: setup setup-browser
	@$(ENV); cargo fmt --all --check
	@$(ENV); if cargo nextest --version >/dev/null 2>&1; then \
	  cargo nextest run --release --locked --workspace --no-fail-fast; \
	else \
	  cargo test --release --locked --workspace --no-fail-fast; \
	fi
	@$(ENV); bash scripts/wheel.sh

# The binary for `pip install` and `uvx`, installed once and tried: target/wheel/dist.
wheel: setup
	@$(ENV); bash scripts/wheel.sh

# Always the whole workspace: another selection of crates would build DataFusion with other features again.
bench: setup
	@$(ENV); cargo bench --locked --workspace --bench placement --bench profit --bench pipeline --bench render --bench forecasting

quality: build
	@./target/release/xtask quality placement
	@./target/release/xtask quality forecasting

# Placement and forecasting beside other tools: needs python3 with venv, and the network for the first run.
peers: build
	@./target/release/xtask peers placement
	@./target/release/xtask peers forecasting

tidy: build
	@./target/release/xtask tidy

setup:
	@bash scripts/setup.sh build

setup-browser:
	@bash scripts/setup.sh browser
	@bash scripts/setup.sh office
