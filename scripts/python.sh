# Environments of Python for scripts that source this: made and filled whether the machine's python3 brings pip to them or not.

# An environment in a folder.
python_venv() {
  python3 -m venv "$1" 2>/dev/null || python3 -m venv --without-pip "$1"
}

# Packages into the environment in a folder.
python_install() {
  local at=$1
  shift
  if "$at/bin/python" -m pip --version >/dev/null 2>&1; then
    "$at/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
  else
    python3 -m pip --python "$at/bin/python" install --quiet --disable-pip-version-check "$@"
  fi
}
