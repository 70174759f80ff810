#!/usr/bin/env bash
# Builds the wheel that holds the binary, installs it into an empty environment, and plans the sample with it.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/python.sh
# The newest on 2026-11-24; pinned, so that a wheel is built the same way tomorrow.
maturin=1.16.0
at=target/wheel

if ! python3 -c 'import venv' 2>/dev/null || ! { python3 -m pip --version >/dev/null 2>&1 || python3 -c 'import ensurepip' 2>/dev/null; }; then
  echo "wheel: python3 with venv and pip is not here, so no wheel is built." >&2
  exit 0
fi
mkdir -p "$at"
[ -x "$at/maturin/bin/maturin" ] && "$at/maturin/bin/maturin" --version | grep -qx "maturin $maturin" || {
  rm -rf "$at/maturin"
  python_venv "$at/maturin"
  python_install "$at/maturin" "maturin==$maturin"
}
rm -rf "$at/dist"
"$at/maturin/bin/maturin" build --release --quiet --out "$at/dist"
rm -rf "$at/trial"
python_venv "$at/trial"
python_install "$at/trial" --no-index "$at"/dist/*.whl
rm -rf "$at/sample"
"$at/trial/bin/cornerstone" --quiet init --sample "$at/sample"
"$at/trial/bin/cornerstone" --quiet plan "$at/sample/scenarios/base.toml" | grep "proven best, and verified" || {
  echo "wheel: the installed binary did not plan the sample to proof" >&2
  exit 1
}
ls -l "$at"/dist/*.whl
