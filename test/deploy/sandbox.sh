# Runs a command like a container: sandbox.sh HUB_PID NUMBER ROOT UID GID READ_ONLY [MOUNT…] -- [VARIABLE=…] COMMAND…
# The command gets its own mount and network namespaces. HUB_PID is a process in the network namespace of Redis.
# A MOUNT is tmpfs:PATH, link:TARGET:PATH, ro:HOST_PATH:PATH or rw:HOST_PATH:PATH.
set -eu
hub=$1 number=$2 root=$3 uid=$4 gid=$5 read_only=$6
shift 6

in_hub() { nsenter --net="/proc/$hub/ns/net" "$@"; }
in_hub ip link add "hub$number" type veth peer name eth0 netns $$
in_hub ip address add "10.9.$number.1/30" dev "hub$number"
in_hub ip link set "hub$number" up
ip address add "10.9.$number.2/30" dev eth0
ip link set eth0 up
ip link set lo up

mount -t tmpfs -o mode=755 tmpfs "$root"
mkdir "$root/usr" "$root/etc" "$root/proc" "$root/dev" "$root/var" "$root/run" "$root/home" "$root/opt" "$root/srv"
ln -s usr/bin "$root/bin"
ln -s usr/sbin "$root/sbin"
ln -s usr/lib "$root/lib"
ln -s usr/lib64 "$root/lib64"
mount --rbind /usr "$root/usr"
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
mkdir -m 1777 "$root/tmp" "$root/var/tmp"
printf 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n' >"$root/etc/passwd"
printf '127.0.0.1 localhost\n10.9.%s.1 redis\n' "$number" >"$root/etc/hosts"

while [ "$1" != -- ]; do
  kind=${1%%:*} places=${1#*:}
  shift
  target=$root${places##*:}
  source=${places%%:*}
  mkdir -p "$(dirname "$target")"
  case $kind in
    tmpfs) mkdir -p "$target" && mount -t tmpfs -o mode=1777 tmpfs "$target" && continue ;;
    link) ln -s "$source" "$target" && continue ;;
  esac
  if [ -d "$source" ]; then mkdir -p "$target"; else : >"$target"; fi
  mount --bind "$source" "$target"
  [ "$kind" = rw ] || mount -o remount,bind,ro "$target"
done
shift

mount -o remount,bind,ro "$root/usr"
[ "$read_only" = no ] || mount -o remount,ro "$root"
exec chroot "$root" /usr/bin/setpriv --reuid="$uid" --regid="$gid" --clear-groups --no-new-privs \
  --bounding-set=-all --inh-caps=-all /usr/bin/env -i "$@"
