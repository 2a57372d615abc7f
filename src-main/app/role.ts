import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { SecretStore } from '../identity/safe-secret.ts';
import type { Handlers } from './dispatch.ts';
import type { EventBus } from './events.ts';
import type { Lifecycle } from './lifecycle.ts';

/** What every role is given. `dataDir` is the role's own folder; it exists. */
export interface RoleContext {
  readonly dataDir: string;
  readonly name?: string | undefined;
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly events: EventBus;
}

/** `ready`: addresses and ids that whoever started it needs; no secret. */
export interface RunningRole {
  readonly handlers: Handlers;
  readonly ready: Record<string, unknown> & { role: string };
}
