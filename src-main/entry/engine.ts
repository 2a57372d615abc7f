import { parseArgs } from 'node:util';
import type { Procedure } from '../../src-preload/contract/index.ts';
import { startEngine } from '../app/compose.ts';
import { failure, LetterlockError } from '../base/errors.ts';
import { createLogger } from '../base/logger.ts';
import type { SecretStore } from '../identity/safe-secret.ts';
import { type EngineMessage, ShellMessage } from '../protocol/engine-channel.ts';

/**
 * The engine as a utility process of the windows: the same engine as headless, joined to the shell by a message port.
 * Holds no `electron` import: the port comes as `process.parentPort`.
 */
interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
  postMessage(message: unknown): void;
}

const port = (process as unknown as { parentPort?: ParentPort }).parentPort;
if (!port) throw new Error('The engine is started by the Letterlock window; headless, use `letterlock … run`.');
const post = (message: EngineMessage) => port.postMessage(message);

const logger = createLogger({ name: 'engine' });
const secrets = shellSecrets();
const { values } = parseArgs({
  options: {
    role: { type: 'string' },
    data: { type: 'string' },
    'os-printer': { type: 'string' },
    'admit-print-system': { type: 'boolean' }
  },
  strict: false
});
const role = values.role === 'station' ? 'station' : 'client';

const printer = {
  osPrinter: values['os-printer'] === 'off' ? 'off' : 'install',
  admitPrintSystem: values['admit-print-system'] === true
} as const;

const starting = startEngine({
  role,
  dataRoot: String(values.data),
  printer,
  secrets: secrets.store,
  logger
});
port.on('message', ({ data }) => {
  const message = ShellMessage.safeParse(data);
  if (!message.success) return logger.error({}, 'the shell sent an unknown message');
  switch (message.data.type) {
    case 'secret':
      return secrets.settle(message.data);
    case 'call':
      return void answer(message.data);
    case 'stop':
      return void stop();
  }
});

starting.then(
  (engine) => {
    engine.events.on((name, payload) => post({ type: 'event', name, payload }));
    post({ type: 'ready' });
  },
  (error) => {
    const { code, message, detail } = failure(error);
    logger.error({ error }, 'the engine cannot start');
    post({ type: 'fatal', code, message: detail ? `${message} (${detail})` : message });
    process.exitCode = 1;
    setImmediate(() => process.exit());
  }
);

async function answer({ id, caller, procedure, input }: Extract<ShellMessage, { type: 'call' }>) {
  const engine = await starting;
  post({ type: 'result', id, result: await engine.dispatch(caller, procedure as Procedure, input) });
}

async function stop() {
  await starting.then((engine) => engine.stop()).catch(() => undefined);
  process.exit(0);
}

/** Secrets are kept by the shell (OS keychain): each request crosses the port and waits for its answer. */
function shellSecrets(): { store: SecretStore; settle(message: Extract<ShellMessage, { type: 'secret' }>): void } {
  const waiting = new Map<number, { done: (bytes: Uint8Array) => void; fail: (error: Error) => void }>();
  let nextId = 0;
  const ask = (type: 'protect' | 'reveal', bytes: Uint8Array) =>
    new Promise<Uint8Array>((done, fail) => {
      const id = nextId++;
      waiting.set(id, { done, fail });
      post({ type, id, bytes });
    });
  return {
    store: { protect: (plain) => ask('protect', plain), reveal: (stored) => ask('reveal', stored) },
    settle({ id, result }) {
      const request = waiting.get(id);
      waiting.delete(id);
      if (result.ok) request?.done(result.bytes);
      else request?.fail(new LetterlockError(result.code, 'operating system keychain'));
    }
  };
}
