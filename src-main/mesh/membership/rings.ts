import type { DeviceId } from '../../../src-preload/contract/ids.ts';

/**
 * Whom a node watches. SWIM probes members at random, which would mean a TLS handshake for nearly every probe in a large
 * mesh. As in Rapid (Suresh et al., USENIX ATC 2018) all members stand in `rings` rings, each in another order that all
 * compute alike, and a node watches the next one in each: connections stay open, everybody is watched by as many, and the
 * graph is an expander, so news spreads as fast as at random. With few members that is everybody.
 */
export function watched(self: DeviceId, members: readonly DeviceId[], rings: number): DeviceId[] {
  if (members.length <= rings) return [...members];
  const chosen = new Set<DeviceId>();
  for (let ring = 0; ring < rings; ring += 1) {
    const own = place(ring, self);
    const after = (id: DeviceId): number => (place(ring, id) - own + 2 ** 32) % 2 ** 32;
    chosen.add(members.reduce((next, id) => (after(id) < after(next) ? id : next)));
  }
  return [...chosen];
}

const places = new Map<DeviceId, Uint32Array>();

/** FNV-1a with a final mix (MurmurHash3): ids are given by the coordinator, so nobody chooses its own place. */
function place(ring: number, id: DeviceId): number {
  let own = places.get(id);
  if (!own) {
    if (places.size > 10_000) places.clear();
    own = Uint32Array.from({ length: 16 }, (_, each) => hash(`${each}/${id}`));
    places.set(id, own);
  }
  return own[ring] ?? hash(`${ring}/${id}`);
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
