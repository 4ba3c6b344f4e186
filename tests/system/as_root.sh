#!/usr/bin/env bash
# Runs a command as root: directly, or through sudo where we are not root.
set -euo pipefail
if [ "$(id -u)" -eq 0 ]; then exec env DEBIAN_FRONTEND=noninteractive "$@"; fi
command -v sudo >/dev/null || { echo "This needs root, and there is no sudo here: $*" >&2; exit 1; }
exec sudo env DEBIAN_FRONTEND=noninteractive "$@"
