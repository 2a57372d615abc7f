import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Perform } from '../act.ts';
import type { AdminArea } from '../admin/area.ts';
import type { CoordinatorStore } from '../store.ts';
import type { WebSignIn } from '../web/session-procedures.ts';
import type { WebArea } from '../web/web-call.ts';
import { createAdmission } from './admission.ts';
import { createProvider } from './provider.ts';
import { createSsoConfiguration } from './settings.ts';
import { callbackPath, createSignOn } from './sign-on.ts';

/** Single sign-on with OpenID Connect, wired. No rule is in this file. */
export interface Sso {
  readonly handlers: AdminArea<'sso'>;
  readonly webHandlers: WebArea<'sso'>;
  addRoutes(app: FastifyInstance): void;
}

export function createSso(options: {
  readonly store: CoordinatorStore;
  /** A key of its own for each label. */
  readonly key: (label: string) => Uint8Array;
  readonly openWebSession: WebSignIn['openWebSession'];
  readonly perform: Perform;
  readonly clock: Clock;
  readonly logger: Logger;
}): Sso {
  const { key, clock } = options;
  const provider = createProvider(clock);
  const { client, handlers } = createSsoConfiguration({ ...options, provider, secretKey: key('sso-client-secret') });
  const signOn = createSignOn({
    ...options,
    client,
    provider,
    admission: createAdmission(options),
    cookieKey: key('sso-cookie')
  });
  return {
    handlers,
    webHandlers: signOn.handlers,
    addRoutes: (app) => void app.get(callbackPath, { exposeHeadRoute: false }, signOn.callback)
  };
}
