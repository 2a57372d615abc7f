import { hostname } from 'node:os';
import type { DeviceId, PairingView, Role } from '../../src-preload/contract/index.ts';
import type { Clock } from '../base/clock.ts';
import { failure, LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { type DeviceIdentity, openDeviceIdentity } from '../identity/device-identity.ts';
import type { SecretStore } from '../identity/safe-secret.ts';
import { pairDevice } from '../organization/pairing.ts';
import type { Handlers } from './dispatch.ts';
import type { Lifecycle } from './lifecycle.ts';

export interface MembershipOptions<Services> {
  readonly dataDir: string;
  readonly roles: readonly Role[];
  readonly secrets: SecretStore;
  readonly name?: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  /** Starts what only a paired machine has. Called once. */
  readonly start: (identity: DeviceIdentity) => Promise<Services>;
  readonly onChange: () => void;
}

/** How a machine comes to belong to an organization: paired at start, or by a pairing that somebody begins here. */
export interface Membership<Services> {
  /** What `start` gave, once this machine is paired. */
  services(): Services | null;
  /** The same, or `not-paired`. */
  require(): Services;
  view(): { device: { id: DeviceId | null; name: string }; pairing: PairingView };
  readonly handlers: Pick<Handlers, 'pairing.begin' | 'pairing.cancel'>;
}

export async function openMembership<Services>(options: MembershipOptions<Services>): Promise<Membership<Services>> {
  const { logger, lifecycle, onChange } = options;
  let name = options.name ?? hostname();
  let identity = await openDeviceIdentity(options.dataDir, options.secrets);
  let services: Services | null = identity ? await options.start(identity) : null;
  let pairing: PairingView = identity ? paired(identity) : { state: 'unpaired' };
  let attempt: AbortController | null = null;
  lifecycle.add('pairing', () => attempt?.abort(new LetterlockError('conflict', 'stopping')));

  function show(next: PairingView) {
    pairing = next;
    onChange();
  }

  async function pair(input: { coordinator?: string | undefined; token?: string | undefined }, signal: AbortSignal) {
    const coordinator = input.coordinator ?? '';
    const joined = await pairDevice({
      ...(input.token ? { token: input.token } : { coordinator }),
      name,
      roles: options.roles,
      dataDir: options.dataDir,
      secrets: options.secrets,
      signal,
      onCode: (code, expires) => show({ state: 'pairing', coordinator, code, expires }),
      clock: options.clock,
      logger
    });
    services = await options.start(joined);
    identity = joined;
    logger.info({ device: joined.id }, 'paired');
    show(paired(joined));
  }

  return {
    services: () => services,
    require: () => {
      if (!services) throw new LetterlockError('not-paired');
      return services;
    },
    view: () => ({ device: { id: identity?.id ?? null, name: identity?.name ?? name }, pairing }),
    handlers: {
      async 'pairing.begin'(input) {
        if (identity) throw new LetterlockError('conflict', 'this machine is already paired');
        if (!input.coordinator && !input.token) throw new LetterlockError('input-invalid', 'coordinator or token');
        attempt?.abort(new LetterlockError('conflict', 'another pairing was begun'));
        const mine = new AbortController();
        attempt = mine;
        name = input.name ?? name;
        show({ state: 'pairing', coordinator: input.coordinator ?? '', code: null, expires: null });
        pair(input, mine.signal)
          .catch((error) => {
            logger.warn({ error }, 'pairing ended without success');
            if (attempt === mine) show(mine.signal.aborted ? { state: 'unpaired' } : unpaired(error));
          })
          .finally(() => {
            if (attempt === mine) attempt = null;
          });
        return {};
      },
      async 'pairing.cancel'() {
        attempt?.abort(new LetterlockError('conflict', 'canceled here'));
        return {};
      }
    }
  };
}

function paired({ enrollment }: DeviceIdentity): PairingView {
  return { state: 'paired', organization: enrollment.organization.name, coordinator: enrollment.coordinator.url };
}

function unpaired(error: unknown): PairingView {
  const { code, message, detail } = failure(error);
  return { state: 'unpaired', failure: { code, message, ...(detail ? { detail } : {}) } };
}
