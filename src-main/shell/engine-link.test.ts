import { describe, expect, it } from 'vitest';
import { silentLogger } from '../base/logger.ts';
import type { ShellMessage } from '../protocol/engine-channel.ts';
import { type EngineProcess, openEngineLink } from './engine-link.ts';

/** A clock that moves only when told to. */
function manualClock() {
  let time = 0;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => time,
    after(ms: number, run: () => void) {
      const timer = { at: time + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms: number) {
      time += ms;
      const due = timers.filter(({ at }) => at <= time);
      timers = timers.filter(({ at }) => at > time);
      for (const { run } of due) run();
    }
  };
}

function open() {
  const clock = manualClock();
  const engines: { posted: ShellMessage[]; say(message: unknown): void; die(code?: number): void; killed: boolean }[] =
    [];
  const fork = (): EngineProcess => {
    const posted: ShellMessage[] = [];
    let onMessage = (_message: unknown) => {};
    let onExit = (_code: number) => {};
    const engine = {
      posted,
      killed: false,
      say: (message: unknown) => onMessage(message),
      die: (code = 1) => onExit(code)
    };
    engines.push(engine);
    return {
      post: (message) => posted.push(message),
      onMessage: (listener) => {
        onMessage = listener;
      },
      onExit: (listener) => {
        onExit = listener;
      },
      kill: () => {
        engine.killed = true;
        onExit(137);
      }
    };
  };
  const secrets = {
    protect: (bytes: Uint8Array) => Uint8Array.of(9, ...bytes),
    reveal: (bytes: Uint8Array) => {
      if (bytes[0] !== 9) throw new Error('canary of the keychain');
      return bytes.slice(1);
    }
  };
  const link = openEngineLink({ fork, secrets, clock, logger: silentLogger });
  const engine = (index: number) => {
    const found = engines[index];
    if (!found) throw new Error(`engine ${index} was not started`);
    return found;
  };
  return { link, clock, engines, engine };
}

describe('engine link', () => {
  it('keeps calls until the engine is ready, then answers each with its own result', async () => {
    const { link, engine } = open();
    const first = link.call('client-window', 'client.state', {});
    const second = link.call('client-window', 'pairing.cancel', {});
    expect(engine(0).posted).toEqual([]);
    engine(0).say({ type: 'ready' });
    const [a, b] = engine(0).posted as Extract<ShellMessage, { type: 'call' }>[];
    expect([a?.procedure, b?.procedure]).toEqual(['client.state', 'pairing.cancel']);
    engine(0).say({ type: 'result', id: b?.id, result: { ok: true, value: 'b' } });
    engine(0).say({ type: 'result', id: a?.id, result: { ok: false, code: 'conflict', message: 'a' } });
    expect(await first).toEqual({ ok: false, code: 'conflict', message: 'a' });
    expect(await second).toEqual({ ok: true, value: 'b' });
  });

  it('answers engine-unreachable when the engine dies, and starts it again with growing delays', async () => {
    const { link, clock, engine, engines } = open();
    const seen: boolean[] = [];
    link.onReachable((reachable) => seen.push(reachable));
    engine(0).say({ type: 'ready' });
    const call = link.call('client-window', 'client.state', {});
    engine(0).die();
    expect(await call).toMatchObject({ ok: false, code: 'engine-unreachable' });
    expect(await link.call('client-window', 'client.state', {})).toMatchObject({ code: 'engine-unreachable' });
    clock.advance(250);
    engine(1).die();
    clock.advance(250);
    expect(engines).toHaveLength(2);
    clock.advance(250);
    engine(2).say({ type: 'ready' });
    expect(seen).toEqual([true, false, true]);
  });

  it('says why the engine could not start', async () => {
    const { link, engine } = open();
    const call = link.call('client-window', 'client.state', {});
    engine(0).say({ type: 'fatal', code: 'storage-damaged', message: 'A file is damaged.' });
    engine(0).die();
    expect(await call).toMatchObject({ code: 'engine-unreachable', detail: 'A file is damaged.' });
  });

  it('ends an engine that never becomes ready', () => {
    const { clock, engine, engines } = open();
    clock.advance(60_000);
    expect(engine(0).killed).toBe(true);
    clock.advance(250);
    expect(engines).toHaveLength(2);
    engine(1).say({ type: 'ready' });
    clock.advance(120_000);
    expect(engine(1).killed).toBe(false);
  });

  it('is not disturbed by messages that are none', async () => {
    const { link, engine } = open();
    engine(0).say({ type: 'ready' });
    const call = link.call('client-window', 'client.state', {});
    const id = (engine(0).posted[0] as { id: number }).id;
    for (const nonsense of [null, 7, {}, { type: 'result', id: 'x' }, { type: 'result', id, result: { ok: 'yes' } }]) {
      engine(0).say(nonsense);
    }
    engine(0).say({ type: 'result', id: id + 1, result: { ok: true, value: 'of nobody' } });
    engine(0).say({ type: 'result', id, result: { ok: true, value: 1 } });
    expect(await call).toEqual({ ok: true, value: 1 });
  });

  it('protects and reveals secrets, and keeps the reason of a failure to itself', () => {
    const { engine } = open();
    engine(0).say({ type: 'protect', id: 1, bytes: Uint8Array.of(1, 2) });
    engine(0).say({ type: 'reveal', id: 2, bytes: Uint8Array.of(9, 1, 2) });
    engine(0).say({ type: 'reveal', id: 3, bytes: Uint8Array.of(0) });
    expect(engine(0).posted).toEqual([
      { type: 'secret', id: 1, result: { ok: true, bytes: Uint8Array.of(9, 1, 2) } },
      { type: 'secret', id: 2, result: { ok: true, bytes: Uint8Array.of(1, 2) } },
      { type: 'secret', id: 3, result: { ok: false, code: 'internal' } }
    ]);
  });

  it('stops: asks, waits for the end, does not start again; kills an engine that will not go', async () => {
    const { link, clock, engine, engines } = open();
    engine(0).say({ type: 'ready' });
    const stopped = link.stop();
    expect(engine(0).posted).toEqual([{ type: 'stop' }]);
    clock.advance(8_000);
    expect(engine(0).killed).toBe(true);
    await stopped;
    clock.advance(60_000);
    expect(engines).toHaveLength(1);
  });
});
