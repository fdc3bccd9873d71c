# Sourced by scripts that start a daemon.

# free_port      prints a port of this machine that nobody listens on
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# wait_until_healthy DAEMON BASE LOG      returns when the daemon, a process id, answers at the address; if it ends, or a minute
# passes, the script's own `fail` is called, after the last words of its log
wait_until_healthy() {
    local daemon=$1 base=$2 log=$3 tries
    for ((tries = 0; tries < 600; tries++)); do
        curl --silent --fail --max-time 10 --output /dev/null "$base/6/healthcheck" && return
        kill -0 "$daemon" 2>/dev/null || break
        sleep 0.1
    done
    tail -n 20 "$log" >&2
    ((tries < 600)) || fail 'the daemon gave no sign of health within a minute; its last words stand above'
    fail 'the daemon did not start; its last words stand above'
}
