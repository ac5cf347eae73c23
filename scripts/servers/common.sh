# What the scripts of servers share. Each server keeps all it has in one folder, D.

# Makes an empty folder of that name.
fresh_folder() {
    local folder
    folder=$(realpath -m "$1")
    rm -rf "$folder"
    mkdir -p "$folder"
    echo "$folder"
}

# need PROGRAM PACKAGE...: installs Debian packages where the program is missing.
need() {
    local program=$1
    shift
    PATH=$PATH:/usr/sbin command -v "$program" >/dev/null && return
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@"; } >&2 ||
        { echo "Please install: $*" >&2; exit 1; }
}

# Prints so many ports of 127.0.0.1 that nobody uses. The system gives none of that range to connections: else a connection
# to a port where nobody listens yet might come from that very port, and meet itself.
free_ports() {
    python3 - "$1" <<'P'
import random, socket, sys
sockets = []
while len(sockets) < int(sys.argv[1]):
    try:
        sockets.append(socket.create_server(("127.0.0.1", random.randrange(20000, 32000))))
    except OSError:
        pass
print(*(s.getsockname()[1] for s in sockets))
P
}

# Starts a program in the background, and notes its number.
start() {
    setsid "$@" </dev/null >>"$D/$(basename "$1").out" 2>&1 &
    echo $! >>"$D/pids"
}

# Waits until somebody listens at a port, for a minute at most.
wait_for_port() {
    local _
    for _ in $(seq 240); do
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
        sleep 0.25
    done
    echo "Nothing listens at port $1. The logs are in $D." >&2
    exit 1
}
