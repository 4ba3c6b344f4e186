#!/bin/sh
# Makes the secrets of docker-compose.yml, once: nothing secret stands in the repository.
set -eu
cd /secrets
[ -f done ] && exit 0
umask 077
secret() { head -c 32 /dev/urandom | base64 | tr -d '/+=\n'; }
server=$(secret)
agent=$(secret)
gate=$(secret)
postgres=$(secret)
printf 'vonggac-server:%s\nc1-thvq-cong:%s\n' "$server" "$agent" >passwd
mosquitto_passwd -U passwd
chown mosquitto passwd
printf '%s' "$postgres" >postgres
printf 'MQTT_PASSWORD=%s\nPGPASSWORD=%s\n' "$server" "$postgres" >server.env
printf 'VONGGAC_AGENT_PASSWORD=%s\nVONGGAC_GATE_TOKEN=%s\nCAM_PASSWORD=demo\n' "$agent" "$gate" >edge.env
touch done
