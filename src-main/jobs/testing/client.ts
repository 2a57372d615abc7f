import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobId } from '../../../src-preload/contract/ids.ts';
import type { Custody, JobView } from '../../../src-preload/contract/views.ts';
import { silentLogger } from '../../base/logger.ts';
import { createTestClock } from '../../base/testing/clock.ts';
import { type ClientJobs, createClientJobs } from '../client-jobs.ts';
import type { JobDocument } from '../document-sequence.ts';
import type { JobTicket } from '../intake.ts';
import type { NodeTransport } from '../port.ts';
import { createStationSession, type StationSession } from '../station-session.ts';
import { createTestMesh } from './mesh.ts';
import { createTestOrganization } from './organization.ts';

export const never = new AbortController().signal;
export const ticket: JobTicket = { title: 'Letter to Lovelace', userName: 'al', attributes: 'AgA', held: false };

/** A job of one document. */
export async function* one(
  content: AsyncIterable<Uint8Array>,
  more: Partial<JobDocument> = {}
): AsyncGenerator<JobDocument> {
  yield { format: 'application/pdf', content, ...more };
}
export async function* chunks(...bytes: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* bytes;
}
export const documentOf = (...bytes: Uint8Array[]) => one(chunks(...bytes));

/** A client with its data folder, its organization and its mesh; `restart` is what follows a crash. */
export async function createTestClient(
  options: { nodes?: number; replicas?: number; quorum?: number; custody?: Custody } = {}
) {
  const clock = createTestClock();
  const organization = createTestOrganization({ clock, nodes: 3, ...options });
  const mesh = createTestMesh(organization, clock);
  const dataDir = await mkdtemp(join(tmpdir(), 'letterlock-jobs-'));
  const disk = { freeBytes: Number.POSITIVE_INFINITY };
  const network = new Set<() => void>();
  const started: ClientJobs[] = [];
  const stations: StationSession[] = [];

  const start = async (): Promise<ClientJobs> => {
    const jobs = await createClientJobs({
      dataDir,
      identity: organization.client,
      organization: organization.asSeenBy(organization.client),
      transport: mesh.transport,
      clock,
      logger: silentLogger,
      networkChanged: (listener) => {
        network.add(listener);
        return () => network.delete(listener);
      },
      freeBytes: async () => disk.freeBytes
    });
    started.push(jobs);
    return jobs;
  };
  const jobs = await start();

  return {
    clock,
    organization,
    mesh,
    dataDir,
    disk,
    jobs,
    /** The cable is in again. */
    networkChanged() {
      for (const listener of network) listener();
    },
    /** Lets time pass until `done`, a minute at a time. */
    async passing<T>(done: Promise<T>): Promise<T> {
      const tick = setInterval(() => clock.advance(60_000), 1);
      return done.finally(() => clearInterval(tick));
    },
    /** The program anew over the same folder; the old one is not told. */
    restart: start,
    print: async (document: Uint8Array, of: ClientJobs = jobs): Promise<JobId> => {
      const job = of.begin(ticket);
      await of.documents(job, documentOf(document), never);
      return job;
    },
    /** A station of the same organization, on the same mesh. */
    station(transport: Partial<NodeTransport> = {}): StationSession {
      const session = createStationSession({
        identity: organization.station,
        organization: organization.asSeenBy(organization.station),
        transport: { ...mesh.transport, ...transport },
        clock,
        logger: silentLogger,
        idleSeconds: 60
      });
      stations.push(session);
      return session;
    },
    async remove() {
      await Promise.all(stations.map((each) => each.signOut()));
      await Promise.all(started.map((each) => each.close()));
      await rm(dataDir, { recursive: true, force: true });
    }
  };
}
export type TestClient = Awaited<ReturnType<typeof createTestClient>>;

/** A promise and its key. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}

/** Resolves with the view of a job as soon as it is as wanted. */
export function until(jobs: ClientJobs, job: JobId, wanted: (view: JobView) => boolean): Promise<JobView> {
  return new Promise((resolve) => {
    const look = () => {
      const view = jobs.get(job);
      if (!view || !wanted(view)) return;
      off();
      resolve(view);
    };
    const off = jobs.onChange(look);
    look();
  });
}
