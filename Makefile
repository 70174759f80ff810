# Two commands do everything: `make demo` (the main job) and `make test` (all tests).
SHELL := /bin/bash
.PHONY: demo test build setup setup-browser bench quality

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

bench: setup
	@$(ENV); cargo bench --locked

quality: setup
	@$(ENV); cargo xtask quality

setup:
	@bash scripts/setup.sh build

setup-browser:
	@bash scripts/setup.sh browser
