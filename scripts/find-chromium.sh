#!/bin/sh
# Prints the path of a Chromium for the browser tests; exit code 1 when there is none. $CHROMIUM decides when set.
set -eu
if [ -n "${CHROMIUM:-}" ]; then
    [ -x "$CHROMIUM" ] || { echo "CHROMIUM=$CHROMIUM is not a program" >&2; exit 1; }
    echo "$CHROMIUM"
    exit 0
fi
for name in chromium chromium-browser google-chrome-stable google-chrome; do
    if command -v "$name"; then exit 0; fi
done
for path in "/Applications/Chromium.app/Contents/MacOS/Chromium" "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    if [ -x "$path" ]; then
        echo "$path"
        exit 0
    fi
done
exit 1
