#!/usr/bin/env bash
# Installs what the build (`build`), the browser tests (`browser`) or the test of the workbook (`office`) need and this machine lacks:
# through apt where that is allowed, through PyPI's wheels where it is not. Says what is left to do by hand.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/python.sh
left=()

have() { command -v "$1" >/dev/null 2>&1; }

# apt, as root or through a sudo that asks nothing.
apt_install() {
  have apt-get || return 1
  local run=()
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || return 1
    run=(sudo -n)
  fi
  echo "setup: apt-get install $*" >&2
  if ! DEBIAN_FRONTEND=noninteractive "${run[@]}" apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1; then
    "${run[@]}" apt-get update >/dev/null 2>&1 || return 1
    DEBIAN_FRONTEND=noninteractive "${run[@]}" apt-get install -y --no-install-recommends "$@" >/dev/null || return 1
  fi
}

# A wheel into .tools/venv.
pip_install() {
  have python3 || return 1
  [ -x .tools/venv/bin/python ] || python_venv .tools/venv || return 1
  echo "setup: pip install $*" >&2
  python_install .tools/venv "$@" || return 1
}

has_libclang() {
  [ -n "${LIBCLANG_PATH:-}" ] && return 0
  [ -f .tools/env ] && grep -q LIBCLANG_PATH .tools/env && return 0
  # libclang-cpp is another library: only libclang.so and libclang-14.so count.
  compgen -G '/usr/lib/llvm-*/lib/libclang.so*' >/dev/null || compgen -G '/usr/lib/llvm-*/lib/libclang-[0-9]*.so*' >/dev/null ||
    compgen -G '/usr/lib/*/libclang.so*' >/dev/null || compgen -G '/usr/lib/*/libclang-[0-9]*.so*' >/dev/null || compgen -G '/usr/lib*/libclang.so*' >/dev/null
}

has_cmake() {
  have cmake && return 0
  [ -f .tools/env ] && grep -q 'CMAKE=' .tools/env
}

build() {
  if ! have cargo; then
    left+=("Rust 1.94 or later: https://rustup.rs")
  else
    version=$(rustc --version | sed -E 's/^rustc ([0-9]+)\.([0-9]+).*/\1 \2/')
    read -r major minor <<<"$version"
    if [ "$major" -lt 1 ] || { [ "$major" -eq 1 ] && [ "$minor" -lt 94 ]; }; then
      left+=("Rust 1.94 or later (this is $(rustc --version)): rustup update stable")
    fi
  fi
  if ! have c++; then
    apt_install g++ || left+=("a C++ compiler (g++ or clang++), which HiGHS is built with")
  fi
  if ! has_cmake; then
    apt_install cmake || {
      if pip_install cmake; then
        mkdir -p .tools
        echo "export CMAKE=\"$PWD/.tools/venv/bin/cmake\" PATH=\"$PWD/.tools/venv/bin:\$PATH\"" >>.tools/env
      else
        left+=("cmake, which HiGHS is built with")
      fi
    }
  fi
  if ! has_libclang; then
    apt_install libclang-dev || {
      if pip_install libclang; then
        mkdir -p .tools
        native=$(.tools/venv/bin/python -c 'import clang, os; print(os.path.join(os.path.dirname(clang.__file__), "native"))')
        echo "export LIBCLANG_PATH=\"$native\"" >>.tools/env
        # The wheel has no compiler headers of its own; the system's C compiler knows where they are.
        headers=$(cc -print-file-name=include 2>/dev/null || true)
        [ -d "$headers" ] && echo "export BINDGEN_EXTRA_CLANG_ARGS=\"-I$headers\"" >>.tools/env
      else
        left+=("libclang, which the bindings of HiGHS are made with")
      fi
    }
  fi
}

found_browser() {
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    have "$name" && return 0
  done
  return 1
}

# axe-core (MPL 2.0), which audits pages for accessibility in tests: the copy in a PyPI wheel, as .tools/axe.min.js.
audit() {
  [ -f .tools/axe.min.js ] && return 0
  mkdir -p .tools
  if pip_install --no-deps axe-playwright-python==0.1.8 && cp .tools/venv/lib/python3*/site-packages/axe_playwright_python/axe.min.js .tools/; then
    return 0
  fi
  echo "setup: no axe-core: the audits of pages say that they were skipped." >&2
}

browser() {
  audit
  found_browser || apt_install chromium || echo "setup: no Chromium: reports are not printed to PDF and the browser tests say that they were skipped. Install chromium or google-chrome to run them." >&2
}

office() {
  have soffice || apt_install libreoffice-calc-nogui || apt_install libreoffice-calc ||
    echo "setup: no LibreOffice: the test that opens the workbook says that it was skipped." >&2
}

case "${1:-build}" in
  build) build ;;
  browser) browser ;;
  office) office ;;
  *) echo "usage: scripts/setup.sh build | browser | office" >&2; exit 2 ;;
esac

if [ "${#left[@]}" -gt 0 ]; then
  echo "setup: this machine still needs, by hand:" >&2
  printf '  - %s\n' "${left[@]}" >&2
  exit 1
fi
