#!/bin/bash
# Runs inside fresh network and mount namespaces (network-namespace.ts): a loopback and a veth pair with multicast, a D-Bus and an
# Avahi of their own. They end with this script, whatever ends it.
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/dbus /run/avahi-daemon
# Whoever asks DNS first is told at once that there is none.
echo nameserver 127.0.0.1 > /run/resolv.conf
[ ! -e /etc/resolv.conf ] || mount --bind /run/resolv.conf /etc/resolv.conf
ip link set lo up
ip link set lo multicast on
ip link add v0 type veth peer name v1
ip address add "$1/24" dev v0
# Its IPv6 address can be used at once.
[ ! -e /proc/sys/net/ipv6/conf/v0/accept_dad ] || echo 0 > /proc/sys/net/ipv6/conf/v0/accept_dad
ip link set v0 up
ip link set v1 up
ip route add default dev v0
cat > /run/avahi.conf <<CONF
[server]
use-ipv4=yes
use-ipv6=no
allow-interfaces=lo,v0
host-name=neighbour
[publish]
publish-workstation=no
publish-hinfo=no
CONF
# As root: with its usual user it would forget whose death is its own.
cat > /run/dbus.conf <<CONF
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
  </policy>
</busconfig>
CONF
setpriv --pdeathsig SIGKILL dbus-daemon --config-file=/run/dbus.conf --nofork --nopidfile &
until [ -S /run/dbus/system_bus_socket ]; do read -rt 0.05 <> <(:) || :; done
exec avahi-daemon --no-drop-root --no-chroot -f /run/avahi.conf
