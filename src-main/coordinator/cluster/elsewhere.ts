import type { DeviceId } from '../../../src-preload/contract/index.ts';
import type { CoordinatorEvent } from '../../protocol/device-api.ts';
import type { Cluster } from './cluster.ts';
import { inPieces, type Peer } from './words.ts';

/** The devices that are connected to other coordinators. */
export interface Elsewhere {
  online(): Iterable<DeviceId>;
  has(device: DeviceId): boolean;
  send(device: DeviceId, event: CoordinatorEvent): void;
  /** Told of each that comes there first, and of each that is nowhere there any more. */
  onChange(listener: (device: DeviceId, online: boolean) => void): void;
  /** One of our own has come or gone. */
  tell(device: DeviceId, here: boolean): void;
}

/** `here`: those that are connected to this one. */
export function createElsewhere(cluster: Cluster, here: () => DeviceId[]): Elsewhere {
  const devices = new Map<Peer, Set<DeviceId>>();
  const listeners: ((device: DeviceId, online: boolean) => void)[] = [];
  const has = (device: DeviceId) => [...devices.values()].some((set) => set.has(device));

  function change(peer: Peer, device: DeviceId, online: boolean): void {
    const before = has(device);
    const set = devices.get(peer) ?? new Set();
    if (online) devices.set(peer, set.add(device));
    else set.delete(device);
    if (has(device) !== before) for (const listener of listeners) listener(device, online);
  }

  cluster.on('here', ({ devices }, from) => {
    for (const device of devices) change(from, device, true);
  });
  cluster.on('away', ({ device }, from) => change(from, device, false));
  cluster.onGone((peer) => {
    for (const device of [...(devices.get(peer) ?? [])]) change(peer, device, false);
    devices.delete(peer);
  });
  cluster.onJoined(() => {
    for (const piece of inPieces(here(), (id) => id.length)) void cluster.say({ type: 'here', devices: piece });
  });

  return {
    online: () => new Set([...devices.values()].flatMap((set) => [...set])),
    has,
    send(device, event) {
      if (has(device)) void cluster.say({ type: 'event', device, event });
    },
    onChange: (listener) => void listeners.push(listener),
    tell: (device, here) => void cluster.say(here ? { type: 'here', devices: [device] } : { type: 'away', device })
  };
}
