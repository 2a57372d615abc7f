import { expect, it } from 'vitest';
import { createFakeBridge, refused } from '../gateway/fake.ts';
import { job, printers } from '../gateway/fake-states.ts';
import { createPairing } from './pairing.ts';
import { createRelease, isPinFailure } from './release.ts';

const now = Date.UTC(2030, 0, 1);
const held = job(now);
const printer = printers[0]?.id ?? expect.fail('no printer');

const releasing = (answer: () => unknown) => {
  const bridge = createFakeBridge('client', { 'client.release': answer as () => Promise<never> });
  const store = createRelease(bridge);
  store.getState().open(held.id);
  store.getState().fill({ pin: '1234' });
  return { bridge, store };
};

it('sends the PIN once and forgets it before the answer', async () => {
  let resolve: (value: unknown) => void = () => undefined;
  const { bridge, store } = releasing(() => new Promise((done) => (resolve = done)));
  const submitted = store.getState().submit(printer);
  expect(store.getState()).toMatchObject({ phase: 'working', pin: '', printer });
  expect(bridge.calls).toEqual([
    { procedure: 'client.release', input: { job: held.id, printer, pin: '1234', acceptSecondCopy: false } }
  ]);
  resolve({ ok: true, value: { ...held, state: 'completed' } });
  await submitted;
  expect(store.getState().phase).toBe('done');
});

it('goes back to the form with a wrong PIN', async () => {
  const { store } = releasing(() => refused('pin-wrong'));
  await store.getState().submit(printer);
  expect(store.getState()).toMatchObject({ phase: 'form', pin: '' });
  expect(isPinFailure(store.getState().failure)).toBe(true);
});

it('calls an uncertain result uncertain, and takes consent to a second copy', async () => {
  const { bridge, store } = releasing(() => ({ ok: true, value: { ...held, state: 'uncertain' } }));
  await store.getState().submit(printer);
  expect(store.getState().failure?.code).toBe('job-uncertain');
  store.getState().fill({ pin: '1234', consent: true });
  await store.getState().submit(printer);
  expect(bridge.calls.at(-1)?.input).toMatchObject({ acceptSecondCopy: true });
});

it('shows why a job came back held', async () => {
  const failure = { code: 'printer-unreachable', message: '' };
  const { store } = releasing(() => ({ ok: true, value: { ...held, failure } }));
  await store.getState().submit(printer);
  expect(store.getState()).toMatchObject({ phase: 'form', failure });
});

it('does not open a closed dialog again, nor show one job’s result on another', async () => {
  let resolve: (value: unknown) => void = () => undefined;
  const { store } = releasing(() => new Promise((done) => (resolve = done)));
  const submitted = store.getState().submit(printer);
  store.getState().open(job(now).id);
  resolve(refused('printer-refused'));
  await submitted;
  expect(store.getState()).toMatchObject({ phase: 'form', failure: null });
});

it('survives a broken channel', async () => {
  const { store } = releasing(() => Promise.reject(new Error('channel closed')));
  await store.getState().submit(printer);
  expect(store.getState().failure?.code).toBe('engine-unreachable');
});

it('pairs by address or by token, and keeps the reason when it cannot begin', async () => {
  const bridge = createFakeBridge('client', { 'pairing.begin': () => refused('token-invalid') });
  const store = createPairing(bridge);
  await store.getState().begin(' print.example.org:8631 ', ' ada-laptop ');
  await store.getState().begin('ll1.cHJpbnQ.c2VjcmV0.ZGlnZXN0', '');
  expect(bridge.calls.map(({ input }) => input)).toEqual([
    { coordinator: 'print.example.org:8631', name: 'ada-laptop' },
    { token: 'll1.cHJpbnQ.c2VjcmV0.ZGlnZXN0' }
  ]);
  expect(store.getState()).toMatchObject({ busy: false, failure: { code: 'token-invalid' } });
});

it('shows what a link says, and does nothing about it until a person does', async () => {
  const bridge = createFakeBridge('client');
  const store = createPairing(bridge);
  bridge.push('pairing.link', { where: 'print.example.org:8631' });
  expect(store.getState().proposed).toBe('print.example.org:8631');
  expect(bridge.calls).toEqual([]);
});
