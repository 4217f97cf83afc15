#!/bin/sh
# Lets .venv hold what requirements.lock pins; `make` runs it first, and where that is so, nothing is
# done. pip has downloaded everything before it changes anything, and nothing is removed but a .venv
# whose making was cut off. TORCH=cpu takes builds without CUDA, to which later calls keep.
set -eu
lock=requirements.lock
# What was installed, and what is being installed. This becomes that when all is there.
done=.venv/installed begun=.venv/installing
for_cuda='^(nvidia-|cuda-|triton==)'

refuse() {
  printf '%s\n' "$1" >&2
  exit 1
}

is_for_cpu() {
  grep -q '^torch==.*+cpu' "$begun" 2>/dev/null || grep -q '^torch==.*+cpu' "$done" 2>/dev/null
}

wanted() {
  # Only Linux has builds with CUDA, and packages that those need.
  if [ "$torch" = cpu ] && [ "$(uname -s)" = Linux ]; then
    grep -Ev "$for_cuda" "$lock" |
      sed -e 's/^torch==[^ +]*/&+cpu/' -e 's/^torchvision==[^ +]*/&+cpu/'
  else
    cat "$lock"
  fi
}

make_venv() {
  for candidate in $PYTHONS; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "Making .venv with $("$candidate" --version)"
      mkdir .venv
      # Until it is whole, it may be removed again.
      : >.venv/unmade
      "$candidate" -m venv .venv
      rm .venv/unmade
      return
    fi
  done
  refuse "No Python 3.11 or newer found (tried $PYTHONS); install one and repeat."
}

case "${TORCH:-}" in
cpu) torch=cpu size="1.6 GB" ;;
"") if is_for_cpu; then torch=cpu size="1.6 GB"; else torch='' size="6 GB"; fi ;;
*) refuse "TORCH=$(printf %.200s "$TORCH" | tr -d '[:cntrl:]'): allowed: cpu, for builds without CUDA; leave it out for those of $lock." ;;
esac
if wanted | cmp -s - "$done"; then exit; fi

rmdir .venv 2>/dev/null || [ ! -e .venv/unmade ] || rm -rf .venv
[ -e .venv ] || make_venv
python=.venv/bin/python
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
  refuse ".venv has no Python 3.11 or newer that starts; rename or remove it ('make clean') and repeat."
"$python" -m pip --version >/dev/null 2>&1 || "$python" -m ensurepip >/dev/null
if [ -e "$begun" ]; then
  # A package whose installation was cut off, which pip would take for installed, has no INSTALLER.
  find .venv/lib/ \( -name '~*' -o -name '*.dist-info' ! -exec test -e '{}/INSTALLER' \; \) \
    -type d -prune -exec rm -r '{}' +
fi
wanted >"$begun.new"
mv "$begun.new" "$begun"
rm -f "$done"
echo "Installing what .venv lacks of $lock, all of which takes about $size"
if ! "$python" -m pip install --disable-pip-version-check -r "$begun"; then
  [ -z "$torch" ] || echo "TORCH=cpu takes torch and torchvision as …+cpu, from an index of such" \
    "builds that PIP_EXTRA_INDEX_URL names." >&2
  refuse "pip couldn't install $lock, as it says above; .venv keeps what it had. Repeat the command."
fi
if [ "$torch" = cpu ]; then
  # An earlier build with CUDA needed them. -qq: not a word of those that aren't there.
  grep -E "$for_cuda" "$lock" | sed 's/==.*//' |
    xargs "$python" -m pip uninstall --disable-pip-version-check --yes -qq
fi
mv "$begun" "$done"
