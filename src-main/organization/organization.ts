import { z } from 'zod';
import type { DeviceId } from '../../src-preload/contract/ids.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { deviceAgent } from '../identity/device-agent.ts';
import { request } from '../identity/device-http.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import type { Signed } from '../identity/signed-statement.ts';
import { type CoordinatorEvent, EraseOrder } from '../protocol/device-api.ts';
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
  let devices = approved(store.current());
  let online: ReadonlySet<DeviceId> = new Set();
  let confirmedAt = store.verifiedAt();
  /** False after a refused directory: then the coordinator's pings confirm nothing. */
  let current = false;
  let listening: { readonly url: string | null } | null = null;

  async function accept(signed: Signed): Promise<void> {
    try {
      await store.accept(signed, clock.now());
      devices = approved(store.current());
      current = true;
    } catch (error) {
      current = false;
      logger.error({ error }, 'directory refused');
    }
  }

  function obey(signed: Signed): void {
    try {
      const order = openCoordinatorStatement(identity.enrollment, 'erase', EraseOrder, signed);
      erasures.emit({ order, signed });
    } catch (error) {
      logger.error({ error }, 'erase order refused');
    }
  }

  async function onEvent(event: CoordinatorEvent): Promise<void> {
    if (event.type === 'directory') await accept(event.directory);
    if (current) confirmedAt = clock.now();
    if (event.type === 'erase') obey(event.order);
    if (event.type === 'job') jobs.emit(event);
    if (event.type === 'directory' || event.type === 'online') {
      online = new Set(event.online);
      changes.emit();
    }
  }

  const call: Organization['call'] = async (path, body, schema, { signal } = {}) => {
    const answer = await request({ agent, url: coordinator.url, path, body, schema, signal, unreachable });
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
    url: coordinator.url,
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
      changes.emit();
    }
  });

  return {
    directory: store.current,
    online: () => online,
    connected: link.connected,
    verifiedAt: () => confirmedAt,
    device: (id) => devices.get(id),
    onChange: changes.on,
    onErase: (listener) => erasures.on(({ order, signed }) => listener(order, signed)),
    onJob: jobs.on,
    call,
    announce(url) {
      listening = { url };
      sayWhere();
    },
    close() {
      link.close();
      agent.destroy();
    }
  };
}

const unreachable = 'coordinator-unreachable';

const approved = (directory: Directory | null): ReadonlyMap<DeviceId, DirectoryDevice> =>
  new Map(directory?.devices.filter(({ status }) => status === 'approved').map((device) => [device.id, device]));
