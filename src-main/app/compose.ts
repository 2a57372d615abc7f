import { mkdir } from 'node:fs/promises';
import { systemClock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { SecretStore } from '../identity/safe-secret.ts';
import { startClient } from './client-role.ts';
import { startControlServer } from './control-server.ts';
import { type CoordinatorOptions, startCoordinatorRole } from './coordinator-role.ts';
import { createDispatch, type Dispatch } from './dispatch.ts';
import { createEventBus, type EventBus } from './events.ts';
import { createLifecycle } from './lifecycle.ts';
import { startNodeRole } from './node-role.ts';
import type { RoleContext, RunningRole } from './role.ts';
import { roleFolder, type ServiceRole } from './role-folder.ts';
import type { ShareOptions } from './shared-printer.ts';
import { startStation } from './station-role.ts';
import type { VirtualPrinterOptions } from './virtual-printer.ts';

/** How one role is started. */
export interface ComposeOptions {
  readonly role: ServiceRole;
  readonly dataRoot: string;
  readonly name?: string | undefined;
  readonly secrets: SecretStore;
  readonly logger: Logger;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly idleSeconds?: number | undefined;
  readonly coordinator?: CoordinatorOptions | undefined;
  /** A client: its printer. Default: not added to the operating system, for nobody but its user. */
  readonly printer?: Partial<VirtualPrinterOptions>;
  /** A node: shares a printer. */
  readonly share?: ShareOptions | undefined;
  /** A node: machines with the same one fail together. */
  readonly failureDomain?: string | undefined;
  /** A node: https://host:port of others. */
  readonly peers?: readonly string[] | undefined;
  /** A node: finds others by DNS-SD, and is found. Default: where others can reach it. */
  readonly discovery?: boolean | undefined;
  /** A node: the program of the thread that stamps watermarks. */
  readonly stampThread?: string | undefined;
}

export interface Engine {
  readonly dispatch: Dispatch;
  readonly events: EventBus;
  readonly ready: RunningRole['ready'] & { readonly dataDir: string; readonly pid: number };
  stop(): Promise<void>;
}

/** The only place where services are constructed and joined. Stops what it started when a later part does not start. */
export async function startEngine(options: ComposeOptions): Promise<Engine> {
  const { role, logger } = options;
  const lifecycle = createLifecycle(logger);
  const dataDir = roleFolder(options.dataRoot, role);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const events = createEventBus();
  const context: RoleContext = {
    dataDir,
    name: options.name,
    secrets: options.secrets,
    clock: systemClock,
    logger,
    lifecycle,
    events
  };
  try {
    // The control channel comes first: it is also the lock that keeps a second process out of this folder.
    let dispatch: Dispatch = async () => ({
      ok: false,
      code: 'engine-unreachable',
      message: 'Letterlock is still starting.'
    });
    const control = await startControlServer(dataDir, (...call) => dispatch(...call), events);
    lifecycle.add('control channel', () => control.close());
    const running = await startRole(options, context);
    dispatch = createDispatch(running.handlers, logger);
    return {
      dispatch: (...call) => dispatch(...call),
      events,
      ready: { ...running.ready, dataDir, pid: process.pid },
      stop: () => lifecycle.stop()
    };
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

function startRole(options: ComposeOptions, context: RoleContext): Promise<RunningRole> {
  const host = options.host ?? '127.0.0.1';
  switch (options.role) {
    case 'client':
      return startClient({
        ...context,
        printer: { port: options.port, osPrinter: 'off', admitPrintSystem: false, ...options.printer }
      });
    case 'node':
      return startNodeRole({
        ...context,
        host,
        port: options.port,
        share: options.share,
        failureDomain: options.failureDomain,
        peers: options.peers,
        stampThread: options.stampThread,
        discovery: (options.discovery ?? true) && !isLoopback(host)
      });
    case 'station':
      return startStation({ ...context, idleSeconds: options.idleSeconds ?? 60 });
    case 'coordinator':
      return startCoordinatorRole({
        ...context,
        ...(options.coordinator ?? { organizationName: 'Letterlock', host, ports: {} })
      });
  }
}

const isLoopback = (host: string): boolean => /^(localhost|127\..*|::1)$/.test(host);
