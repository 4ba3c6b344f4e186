#!/usr/bin/env bash
# Installs what the system tests need from Debian or Ubuntu, once: Mosquitto, PostgreSQL, GStreamer's
# RTSP server with its Python bindings, Chromium, Pango (for PDFs), Prometheus (with promtool, 23 MB).
# Nothing is started here: each test starts its own.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
packages=(mosquitto postgresql chromium fonts-noto-core python3-gi gir1.2-gst-rtsp-server-1.0
          gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
          libpango-1.0-0 libpangoft2-1.0-0 prometheus)
missing=()
for p in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || missing+=("$p")
done
[ ${#missing[@]} -eq 0 ] && exit 0
echo "Installing for the system tests: ${missing[*]}"
"$here/as_root.sh" apt-get update -qq
"$here/as_root.sh" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
