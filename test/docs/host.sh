# Runs a script in namespaces with the paths that the pages name: host.sh HOME SCRIPT. Needs root.
set -eu
ip link set lo up
mount -t tmpfs tmpfs /srv
mount -t tmpfs tmpfs /var/lib
mkdir -p /var/lib/ledger/wal
# The same content as docs/start.md creates.
for n in 38 39 40 41 42 43; do
  seq -f "$n record %.0f" 12000 >"/var/lib/ledger/wal/wal-0000$n.bin"
done
cp -r /var/lib/ledger/wal /srv/originals
cd "$1"
exec bash -eu -c "$2"
