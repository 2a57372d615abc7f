import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { DeviceId, UserId } from '../../src-preload/contract/ids.ts';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { deviceAgent } from '../identity/device-agent.ts';
import { request } from '../identity/device-http.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import type { Signed } from '../identity/signed-statement.ts';
import { AuditCheckpoint } from '../protocol/audit.ts';
import {
  type ApprovalRequest,
  type CoordinatorEvent,
  Dropped,
  EraseOrder,
  type Presence
} from '../protocol/device-api.ts';
import type { Directory, DirectoryDevice } from '../protocol/directory.ts';
import { openCoordinatorStatement } from './coordinator-statement.ts';
import { openDirectoryStore } from './directory-store.ts';
import { openEventLink } from './link.ts';
import type { JobEvent, Organization } from './port.ts';
import { createTopic } from './topic.ts';

export type { Organization } from './port.ts';

const announceAgain = 5_000;
const heldEvents = 10_000;

/** Reads the directory kept on disk, then keeps a connection to the coordinator until `close`. */
export async function connectOrganization(options: {
  readonly identity: DeviceIdentity;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random?: () => number;
}): Promise<Organization> {
  const { identity, dataDir, clock, logger, random = Math.random } = options;
  const { coordinator } = identity.enrollment;
  const agent = deviceAgent({ identity, expect: coordinator.id });
  const store = await openDirectoryStore({ enrollment: identity.enrollment, dataDir, logger });
  const changes = createTopic<void>(logger);
  const erasures = createTopic<{ order: EraseOrder; signed: Signed }>(logger, heldEvents);
  const jobs = createTopic<JobEvent>(logger, heldEvents);
  const approvals = createTopic<readonly ApprovalRequest[]>(logger, 1);
  const endedSessions = createTopic<UserId>(logger);
  const checkpoints = createTopic<{ checkpoint: AuditCheckpoint; signed: Signed }>(logger, 1);
  /** Told of ahead of the directory of that version. */
  let dropped: Dropped = { devices: [], version: 0 };
  let devices = approved(store.current(), dropped);
  let online: ReadonlySet<DeviceId> = new Set();
  let confirmedAt = store.verifiedAt();
  /** False after a refused directory: then the coordinator's pings confirm nothing. */
  let current = false;
  /** This machine was revoked, or is suspended. */
  let expelled = isRevoked(identity.id, store.current());
  let listening: Presence | null = null;

  async function accept(signed: Signed): Promise<void> {
    try {
      await store.accept(signed, clock.now());
      devices = approved(store.current(), dropped);
      expelled = isRevoked(identity.id, store.current());
      current = true;
    } catch (error) {
      current = false;
      logger.error({ error }, 'directory refused');
    }
  }

  /** The directory that it is ahead of may be a while in coming: until then those count as approved no more. */
  function drop(signed: Signed): void {
    try {
      const { devices: gone, version } = openCoordinatorStatement(identity.enrollment, 'dropped', Dropped, signed);
      const known = store.current()?.version ?? 0;
      if (version <= Math.max(dropped.version, known)) return;
      dropped = { devices: dropped.version > known ? [...dropped.devices, ...gone] : gone, version };
      devices = approved(store.current(), dropped);
      expelled ||= gone.includes(identity.id);
      changes.emit();
    } catch (error) {
      logger.error({ error }, 'word of machines that are approved no more refused');
    }
  }

  /** Whether the directory still counts: who is revoked trusts nobody, and who has heard nothing for too long doesn't either. */
  const isTrusted = (): boolean =>
    !expelled && confirmedAt !== null && clock.now() - confirmedAt < limits.directoryHours * 3_600_000;

  function obey(signed: Signed): void {
    try {
      const order = openCoordinatorStatement(identity.enrollment, 'erase', EraseOrder, signed);
      erasures.emit({ order, signed });
    } catch (error) {
      logger.error({ error }, 'erase order refused');
    }
  }

  function keep(signed: Signed): void {
    try {
      const checkpoint = openCoordinatorStatement(identity.enrollment, 'audit-checkpoint', AuditCheckpoint, signed);
      if (checkpoint.organization === identity.organization.id) checkpoints.emit({ checkpoint, signed });
    } catch (error) {
      logger.error({ error }, 'checkpoint of the audit log refused');
    }
  }

  async function onEvent(event: CoordinatorEvent): Promise<void> {
    if (event.type === 'directory') await accept(event.directory);
    if (event.type === 'dropped') drop(event.word);
    if (current) confirmedAt = clock.now();
    if (event.type === 'erase') obey(event.order);
    if (event.type === 'job') jobs.emit(event);
    if (event.type === 'session-ended') endedSessions.emit(event.user);
    if (event.type === 'approvals') approvals.emit(event.requests);
    if (event.type === 'audit-checkpoint') keep(event.checkpoint);
    if (event.type === 'directory' || event.type === 'online') {
      online = new Set(event.online);
      changes.emit();
    }
  }

  /** As the directory says, each machine in an order of its own; where it was enrolled, if nobody is there any more. */
  const urls = () => [...new Set([...inOwnOrder(identity.id, store.current()?.coordinators ?? []), coordinator.url])];

  const call: Organization['call'] = async (path, body, schema, { signal, idleSeconds } = {}) => {
    const patience = idleSeconds === undefined ? {} : { idleSeconds };
    const answer = await request({ agent, url: link.url(), path, body, schema, signal, unreachable, ...patience });
    link.hurry();
    return answer;
  };

  function sayWhere(): void {
    if (!listening || !link.connected()) return;
    call('/v1/presence', listening, z.unknown()).catch((error: unknown) => {
      logger.warn({ error }, 'presence not announced');
      clock.after(announceAgain, sayWhere);
    });
  }

  const link = openEventLink({
    agent,
    urls,
    clock,
    logger,
    random,
    onEvent,
    onConnected() {
      sayWhere();
      changes.emit();
    },
    onDisconnected() {
      online = new Set();
      current = false;
      approvals.emit([]);
      changes.emit();
    },
    onExpelled() {
      if (expelled) return;
      expelled = true;
      logger.error({}, 'this machine is not approved any more');
      changes.emit();
    }
  });

  return {
    directory: store.current,
    online: () => online,
    connected: link.connected,
    verifiedAt: () => confirmedAt,
    device: (id) => (isTrusted() ? devices.get(id) : undefined),
    onChange: changes.on,
    onErase: (listener) => erasures.on(({ order, signed }) => listener(order, signed)),
    onJob: jobs.on,
    onApprovals: approvals.on,
    onSessionEnded: endedSessions.on,
    onAuditCheckpoint: (listener) => checkpoints.on(({ checkpoint, signed }) => listener(checkpoint, signed)),
    call,
    announce(url, condition, members) {
      listening = { url, ...(condition ? { condition } : {}), ...(members ? { members: [...members] } : {}) };
      sayWhere();
    },
    close() {
      link.close();
      agent.destroy();
    }
  };
}

const unreachable = 'coordinator-unreachable';

/** So that machines spread over all coordinators, and over the others when one is gone. */
function inOwnOrder(self: DeviceId, urls: readonly string[]): string[] {
  const place = (url: string) => createHash('sha256').update(`${self} ${url}`).digest('hex');
  return [...urls].sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

const isRevoked = (self: DeviceId, directory: Directory | null): boolean =>
  directory?.devices.some(({ id, status }) => id === self && status !== 'approved') === true;

/** Without those that a newer directory will not have. */
function approved(directory: Directory | null, dropped: Dropped): ReadonlyMap<DeviceId, DirectoryDevice> {
  const gone = new Set(dropped.version > (directory?.version ?? 0) ? dropped.devices : []);
  const devices = directory?.devices.filter(({ id, status }) => status === 'approved' && !gone.has(id));
  return new Map(devices?.map((device) => [device.id, device]));
}
