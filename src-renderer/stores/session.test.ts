import { beforeEach, describe, expect, it } from 'vitest';
import type { StationState } from '../../src-preload/contract/index.ts';
import { createFakeBridge, refused } from '../gateway/fake.ts';
import { job, printers, stationStates } from '../gateway/fake-states.ts';
import { createSession, isOpen } from './session.ts';

const now = Date.UTC(2030, 0, 1);
const printer = printers[0]?.id ?? expect.fail('no printer');
const completed = { ok: true, value: { ...job(now), state: 'completed' } } as const;

let state: StationState;
let answer: (input: Record<string, unknown>) => unknown;
const station = () => {
  const bridge = createFakeBridge('station', {
    'station.sign-in': () => ({ ok: true, value: state }),
    'station.release': (input) => answer(input) as never
  });
  return { bridge, store: createSession(bridge, () => time) };
};
let time: number;

beforeEach(() => {
  time = now;
  state = stationStates.several(now);
  answer = () => completed;
});

describe('signing in', () => {
  it('forgets the PIN as soon as it is sent, whatever comes back', async () => {
    const bridge = createFakeBridge('station', { 'station.sign-in': () => refused('pin-locked') });
    const store = createSession(bridge);
    store.getState().fill({ user: ' ada ', pin: '1234' });
    const signedIn = store.getState().signIn();
    expect(store.getState()).toMatchObject({ signingIn: true, pin: '' });
    expect(await signedIn).toBeNull();
    expect(bridge.calls[0]?.input).toEqual({ user: 'ada', pin: '1234' });
    expect(store.getState()).toMatchObject({ user: ' ada ', signingIn: false, failure: { code: 'pin-locked' } });
  });

  it('asks for the PIN of a badge that needs it, and forgets the badge when it is refused', async () => {
    const codes = ['pin-required', 'pin-wrong', 'pin-locked'] as const;
    let asked = 0;
    const bridge = createFakeBridge('station', { 'station.sign-in': () => refused(codes[asked++] ?? 'internal') });
    const store = createSession(bridge);
    store.getState().fill({ badge: '04A1B2C3' });
    await store.getState().signIn();
    expect(store.getState()).toMatchObject({ badge: '04A1B2C3', failure: null });
    for (const badge of ['04A1B2C3', '']) {
      store.getState().fill({ pin: '1234' });
      await store.getState().signIn();
      expect(store.getState()).toMatchObject({ badge, pin: '', failure: { code: badge ? 'pin-wrong' : 'pin-locked' } });
    }
    const withPin = { badge: '04A1B2C3', pin: '1234' };
    expect(bridge.calls.map(({ input }) => input)).toEqual([{ badge: '04A1B2C3' }, withPin, withPin]);
  });

  it('selects the only document, but never chooses among several', async () => {
    const { store } = station();
    await store.getState().signIn();
    expect(store.getState().selected.size).toBe(0);
    state = stationStates.one(now);
    await store.getState().signIn();
    expect([...store.getState().selected]).toEqual(state.session?.jobs.map(({ id }) => id));
  });
});

describe('printing', () => {
  it('releases one document after the other and says how each went', async () => {
    const { bridge, store } = station();
    const [first, second] = [job(now), job(now, { state: 'uncertain' })];
    answer = (input) => (input.job === first.id ? refused('printer-unreachable') : completed);
    await store.getState().print([first, second], printer);
    const { run } = store.getState();
    expect(run?.finished).toBe(true);
    expect(run?.results.get(first.id)).toMatchObject({ code: 'printer-unreachable' });
    expect(run?.results.get(second.id)).toBe('done');
    expect(bridge.calls.map(({ input }) => input)).toEqual([
      { job: first.id, printer, acceptSecondCopy: false },
      { job: second.id, printer, acceptSecondCopy: true }
    ]);
  });

  it('does not take an uncertain or failed job for a printed one', async () => {
    const { store } = station();
    const jobs = [job(now), job(now)];
    const states = ['uncertain', 'aborted'];
    answer = () => ({ ok: true, value: { ...job(now), state: states.shift() } });
    await store.getState().print(jobs, printer);
    expect([...(store.getState().run?.results.values() ?? [])]).toMatchObject([
      { code: 'job-uncertain' },
      { code: 'job-not-releasable' }
    ]);
  });

  it('stops when the person leaves, and shows nothing of it to the next', async () => {
    const { bridge, store } = station();
    let resolve: (value: unknown) => void = () => undefined;
    answer = () => new Promise((done) => (resolve = done));
    const printing = store.getState().print([job(now), job(now)], printer);
    expect(store.getState().run).not.toBeNull();
    store.getState().forget();
    resolve(completed);
    await printing;
    expect(store.getState().run).toBeNull();
    expect(bridge.calls).toHaveLength(1);
  });
});

describe('a release ticket', () => {
  it('is passed on and kept nowhere; its document is chosen, besides the others', async () => {
    const [strict, other] = [job(now, { custody: 'strict' }), job(now)];
    const read = () => ({ ok: true, value: { job: strict.id } }) as const;
    const bridge = createFakeBridge('station', { 'station.ticket': read });
    const store = createSession(bridge);
    store.getState().select([other.id]);
    const looked = store.getState().ticket('LLT1.0V');
    expect(store.getState().reading).toBe(true);
    await looked;
    expect(bridge.calls).toEqual([{ procedure: 'station.ticket', input: { text: 'LLT1.0V' } }]);
    expect([...store.getState().selected]).toEqual([other.id, strict.id]);
    expect(JSON.stringify(store.getState())).not.toContain('LLT1');
  });

  it('that is refused says why; one of a person who left says nothing to the next', async () => {
    const store = createSession(createFakeBridge('station', { 'station.ticket': () => refused('ticket-expired') }));
    await store.getState().ticket('LLT1.0V');
    expect(store.getState()).toMatchObject({ reading: false, failure: { code: 'ticket-expired' } });
    const looked = store.getState().ticket('LLT1.0V');
    store.getState().forget();
    await looked;
    expect(store.getState()).toMatchObject({ reading: false, failure: null });
  });
});

describe('leaving', () => {
  it('forgets everything at once, before the engine answers', async () => {
    const { store } = station();
    store.getState().fill({ user: 'ada', pin: '12' });
    store.getState().select([job(now).id]);
    const signedOut = store.getState().signOut();
    expect(store.getState()).toMatchObject({ user: '', pin: '', run: null, printer: null, leaving: true });
    expect(store.getState().selected.size).toBe(0);
    await signedOut;
    expect(store.getState().leaving).toBe(true);
    store.getState().left();
    expect(store.getState().leaving).toBe(false);
  });

  it('reports presence at most every five seconds', () => {
    const { bridge, store } = station();
    for (const at of [0, 1_000, 4_999, 5_000, 6_000]) {
      time = now + at;
      store.getState().stay();
    }
    expect(bridge.calls.map(({ procedure }) => procedure)).toEqual(['station.stay', 'station.stay']);
  });

  it('shows no session that has ended, even if the engine is late to say so', () => {
    const expires = new Date(now).toISOString();
    expect(isOpen(expires, now)).toBe(true);
    expect(isOpen(expires, now + 1_000)).toBe(false);
  });
});
