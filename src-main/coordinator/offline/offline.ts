import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Role } from '../../../src-preload/contract/index.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { parseInput } from '../../identity/device-server.ts';
import type { DirectoryDevice } from '../../protocol/directory.ts';
import { OfflineRecord, OpenClaims } from '../../protocol/offline.ts';
import type { Perform } from '../act.ts';
import type { Changes } from '../changes.ts';
import type { DirectoryKeeper } from '../directory-keeper.ts';
import type { CoordinatorIdentity } from '../identity.ts';
import type { JobSteps } from '../job-steps.ts';
import type { ReleaseKeys } from '../release-keys.ts';
import type { CoordinatorStore } from '../store.ts';
import { createCapsules } from './capsules.ts';
import type { OfflineKeys } from './keys.ts';
import { createOfflineRecords } from './records.ts';
import { claimsOver } from './settling.ts';
import { createOfflineUpkeep } from './upkeep.ts';

/** The coordinator's side of releases without it: capsules beforehand, records and claims afterwards. Routes of protocol/offline.ts. */
export function startOffline(options: {
  readonly app: FastifyInstance;
  readonly store: CoordinatorStore;
  readonly identity: CoordinatorIdentity;
  readonly releaseKeys: ReleaseKeys;
  readonly offlineKeys: OfflineKeys;
  readonly rootKey: Uint8Array;
  readonly directory: DirectoryKeeper;
  readonly steps: JobSteps;
  readonly changes: Changes;
  readonly perform: Perform;
  readonly clock: Clock;
  readonly logger: Logger;
}): { close(): Promise<void> } {
  const { app, store, directory } = options;
  const upkeep = createOfflineUpkeep({ ...options, keys: options.offlineKeys, refreshDirectory: directory.refresh });
  const capsules = createCapsules(options);
  const records = createOfflineRecords(options);

  const caller = (request: FastifyRequest, role: Role): DirectoryDevice => {
    const device = directory.device(request.peer.device);
    if (!device) throw new LetterlockError('device-not-approved');
    if (!device.roles.includes(role)) throw new LetterlockError('not-allowed', `only for ${role}`);
    return device;
  };

  app.post('/v1/offline/capsule', async (request) => capsules.issue(caller(request, 'station')));
  app.post('/v1/offline/records', async (request) => {
    const node = caller(request, 'node');
    await records.take(parseInput(OfflineRecord, request.body), node.id);
    return {};
  });
  app.post('/v1/offline/claims', async (request) => {
    caller(request, 'node');
    return { over: await claimsOver(store, parseInput(OpenClaims, request.body)) };
  });
  return { close: upkeep.close };
}
