import { type Caller, type Procedure, publicErrors, type Result } from '../../src-preload/contract/index.ts';
import type { Clock } from '../base/clock.ts';
import { asLetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { EngineMessage, type ShellMessage } from '../protocol/engine-channel.ts';

/** A started engine, as the link sees it. `kill` ends it at once. */
export interface EngineProcess {
  post(message: ShellMessage): void;
  onMessage(listener: (message: unknown) => void): void;
  onExit(listener: (code: number) => void): void;
  kill(): void;
}

export interface SecretVault {
  protect(bytes: Uint8Array): Uint8Array;
  reveal(bytes: Uint8Array): Uint8Array;
}

export interface EngineLink {
  /** Waits while the engine is starting; `engine-unreachable` when it is down or goes down before it answers. Never rejects. */
  call(caller: Caller, procedure: Procedure, input: unknown): Promise<Result<unknown>>;
  onEvent(listener: (name: string, payload: unknown) => void): () => void;
  onReachable(listener: (reachable: boolean) => void): () => void;
  /** Resolves when the engine is gone; it is not started again. */
  stop(): Promise<void>;
}

interface Parts {
  fork(): EngineProcess;
  secrets: SecretVault;
  clock: Clock;
  logger: Logger;
}

const firstDelay = 250;
const longestDelay = 30_000;
/** An engine that lived this long was healthy: its end starts the back-off anew. */
const healthyAfter = 10_000;
const startTimeout = 60_000;
const stopTimeout = 8_000;

/**
 * Keeps one engine running: starts it, starts it again with back-off when it dies, carries calls, results, events and secrets.
 * Knows no procedure: what may be called by whom is checked before, what comes back is parsed after.
 */
export function openEngineLink({ fork, secrets, clock, logger }: Parts): EngineLink {
  const eventListeners = new Set<(name: string, payload: unknown) => void>();
  const reachableListeners = new Set<(reachable: boolean) => void>();
  const pending = new Map<number, (result: Result<unknown>) => void>();
  let waiting: ShellMessage[] = [];
  let engine: EngineProcess | null = null;
  let ready = false;
  let stopping = false;
  let gone = () => {};
  let nextId = 0;
  let delay = firstDelay;
  let reason: string | undefined;

  function start(): void {
    const process = fork();
    const startedAt = clock.now();
    const cancelStartTimeout = clock.after(startTimeout, () => process.kill());
    engine = process;
    reason = undefined;
    process.onMessage((raw) => {
      const message = EngineMessage.safeParse(raw);
      if (!message.success) return logger.error({ issues: issuePaths(message.error) }, 'engine sent nonsense');
      if (message.data.type === 'ready') cancelStartTimeout();
      receive(process, message.data);
    });
    process.onExit((code) => {
      cancelStartTimeout();
      engine = null;
      const wasReady = ready;
      ready = false;
      waiting = [];
      for (const settle of pending.values()) settle(unreachable());
      pending.clear();
      if (wasReady || delay === firstDelay) tell(false);
      if (stopping) return gone();
      if (clock.now() - startedAt > healthyAfter) delay = firstDelay;
      logger.error({ code, delay }, 'engine ended; it is started again');
      clock.after(delay, () => stopping || start());
      delay = Math.min(delay * 2, longestDelay);
    });
  }

  function receive(process: EngineProcess, message: EngineMessage): void {
    switch (message.type) {
      case 'ready':
        ready = true;
        for (const call of waiting) process.post(call);
        waiting = [];
        tell(true);
        break;
      case 'fatal':
        reason = message.message;
        logger.error({ code: message.code }, 'engine cannot start');
        break;
      case 'result':
        pending.get(message.id)?.(message.result);
        pending.delete(message.id);
        break;
      case 'event':
        for (const listener of eventListeners) listener(message.name, message.payload);
        break;
      case 'protect':
      case 'reveal':
        process.post({ type: 'secret', id: message.id, result: keep(message.type, message.bytes) });
    }
  }

  function keep(what: 'protect' | 'reveal', bytes: Uint8Array): Extract<ShellMessage, { type: 'secret' }>['result'] {
    try {
      return { ok: true, bytes: secrets[what](bytes) };
    } catch (error) {
      logger.error({ error }, `could not ${what} a secret`);
      return { ok: false, code: asLetterlockError(error).code };
    }
  }

  function tell(reachable: boolean): void {
    for (const listener of reachableListeners) listener(reachable);
  }

  function unreachable(): Result<never> {
    const { message } = publicErrors['engine-unreachable'];
    return { ok: false, code: 'engine-unreachable', message, ...(reason === undefined ? {} : { detail: reason }) };
  }

  start();
  return {
    call(caller, procedure, input) {
      const process = engine;
      if (!process || stopping) return Promise.resolve(unreachable());
      const id = nextId++;
      const message: ShellMessage = { type: 'call', id, caller, procedure, input };
      return new Promise((settle) => {
        pending.set(id, settle);
        if (ready) process.post(message);
        else waiting.push(message);
      });
    },
    onEvent: (listener) => subscribe(eventListeners, listener),
    onReachable: (listener) => subscribe(reachableListeners, listener),
    stop() {
      const process = engine;
      stopping = true;
      if (!process) return Promise.resolve();
      return new Promise((resolve) => {
        gone = resolve;
        process.post({ type: 'stop' });
        clock.after(stopTimeout, () => process.kill());
      });
    }
  };
}

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** Where a message was wrong, never what it held. */
const issuePaths = (error: { issues: readonly { path: readonly PropertyKey[]; code?: string }[] }) =>
  error.issues.map(({ path, code }) => `${path.map(String).join('.')}: ${code}`);
