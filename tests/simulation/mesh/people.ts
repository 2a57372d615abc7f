import type { Signed } from '../../../src-main/identity/signed-statement.ts';
import type { HeldReplica } from '../../../src-main/mesh/repair/port.ts';
import { offlineFence } from '../../../src-main/protocol/offline.ts';
import { rankNodes } from '../../../src-main/protocol/placement.ts';
import { type DeviceId, GrantId, JobId } from '../../../src-preload/contract/ids.ts';
import { createMachine, type Process } from './machine.ts';
import { blobSize, type ToNode } from './node.ts';
import type { Scene } from './scene.ts';
import type { Granted } from './statements.ts';

interface Station extends Pick<Process, 'ask'> {
  readonly id: DeviceId;
  fence: number;
}

/** What people do: `submit` prints a job from the client, until it is accepted; later somebody fetches it at a station, or cancels it. */
export function createPeople(scene: Scene): { submit(): Promise<void> } {
  const { options, network, brain, clientId, nodes, ids, oracle, voters, random } = scene;
  const { pick, between, later, reaches } = scene;
  const { replicas, troubled } = options;

  const hex = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  const stations = scene.stationIds.map((id): Station => {
    const { ask } = createMachine(network, id, 0).boot(() => new Promise(() => {}));
    return { id, ask, fence: 0 };
  });
  const client = createMachine(network, clientId, 0).boot(() => new Promise(() => {}));
  const insist = async (message: unknown): Promise<void> => {
    for (;;) {
      try {
        await client.ask(scene.coordinator, message);
        return;
      } catch {
        await new Promise<void>((resolve) => later(between(2000, 20_000), resolve));
      }
    }
  };
  async function submit(): Promise<void> {
    const job = JobId.parse(`${hex()}-0000-4000-8000-0000${hex()}`);
    const expires = network.now() + 7 * 86_400_000;
    const held: HeldReplica = {
      device: clientId,
      site: 'main',
      expires,
      sha256: `${hex()}${'A'.repeat(35)}`,
      blobSize,
      committed: 0
    };
    for (;;) {
      const candidates = ids.map((id) => ({
        id,
        roles: ['node'] as const,
        awake: reaches(clientId, id),
        condition: null
      }));
      const rule = { copies: replicas, origin: clientId, bytes: blobSize, offlineGrants: false };
      const { ranked } = rankNodes(job, candidates, rule);
      const chosen = ranked.filter((one) => one.chosen);
      // As jobs/voters.ts: those that get it, and the next ones up to an odd number.
      const best = new Set([...chosen, ...ranked].map(({ id }) => id));
      if (options.offline) voters.set(job, [...best].slice(0, replicas + 1 - (replicas % 2)));
      const message: ToNode = { type: 'put', job, held, rotten: false, byNode: false };
      const stored = await Promise.allSettled(chosen.map(({ id }) => client.ask(id, message)));
      const receipts = stored.flatMap((each) => (each.status === 'fulfilled' ? [each.value as Signed] : []));
      if (receipts.length > 0) {
        oracle.accepted(job);
        for (const { signer } of receipts)
          client.ask(signer, { type: 'learn', job, receipts } satisfies ToNode).catch(() => {});
        await insist({ type: 'register', job, receipts });
        return fetchLater(job);
      }
      await new Promise<void>((resolve) => later(between(1000, 10_000), resolve));
    }
  }
  /** Most are fetched some time, a few are canceled, the others wait. */
  function fetchLater(job: JobId): void {
    const fate = random();
    if (fate < 0.15) later(between(0, troubled), () => brain.cancel(job));
    // Now and then two at two printers.
    else if (fate < 0.7)
      for (let people = 0; people < (fate < 0.4 ? 2 : 1); people += 1)
        later(between(0, troubled), () => fetch(job, 12));
  }
  function fetch(job: JobId, tries: number): void {
    if (tries === 0) return;
    later(between(5000, 40_000), () => fetch(job, tries - 1));
    const station = pick(stations);
    if (!station) return;
    const [node, claim] = scene.linked(station.id) ? granted(job, station) : grantedOffline(job, station);
    if (!node || !claim) return;
    station.ask(node, { type: 'release', claim } satisfies ToNode).catch(() => {});
    // The same words may come twice: an impatient station, a network that repeats.
    if (random() < 0.2) station.ask(node, { type: 'release', claim } satisfies ToNode).catch(() => {});
  }
  function granted(job: JobId, { id }: Station): [DeviceId?, (Granted | null)?] {
    const node = pick(brain.holders(job).filter((holder) => scene.linked(holder) && reaches(id, holder)));
    return node ? [node, brain.claim(job, brain.state(job) === 'uncertain' && random() < 0.5)] : [];
  }
  /** A station that goes by what it sees, and remembers nothing of what it granted before. */
  function grantedOffline(job: JobId, station: Station): [DeviceId?, Granted?] {
    if (!options.offline) return [];
    const node = pick(ids.filter((id) => reaches(station.id, id) && nodes.get(id)?.disk.held.has(job)));
    if (!node) return [];
    station.fence = offlineFence(network.now(), station.fence);
    const grant = GrantId.parse(`${hex()}-0000-4000-8000-0000${hex()}`);
    return [node, { grant, job, fence: station.fence, station: station.id }];
  }

  return { submit };
}
