import { describe, expect, it } from 'vitest';
import type { JobId, TicketView } from '../../src-preload/contract/index.ts';
import { createFakeBridge, refused } from '../gateway/fake.ts';
import { createTicket } from './ticket.ts';

const job = '00000000-0000-4000-8000-000000000101' as JobId;
const ticket: TicketView = { job, expires: '2030-01-02T00:00:00.000Z', text: 'LLT1.0V' };

describe('a ticket in the client window', () => {
  it('is asked for with the PIN, shown, and forgotten with the dialog', async () => {
    const bridge = createFakeBridge('client', { 'client.ticket': () => ({ ok: true, value: ticket }) });
    const store = createTicket(bridge);
    store.getState().open(job);
    store.getState().fill({ pin: '1234' });
    const taken = store.getState().take();
    expect(store.getState()).toMatchObject({ pin: '', working: true });
    await taken;
    expect(bridge.calls).toEqual([{ procedure: 'client.ticket', input: { job, pin: '1234' } }]);
    expect(store.getState()).toMatchObject({ ticket, working: false });
    store.getState().close();
    expect(JSON.stringify(store.getState())).not.toContain(ticket.text);
  });

  it('is not shown to whoever comes after the dialog was closed', async () => {
    let give = (_: unknown) => {};
    const bridge = createFakeBridge('client', {
      'client.ticket': () =>
        new Promise((resolve) => {
          give = resolve as typeof give;
        })
    });
    const store = createTicket(bridge);
    store.getState().open(job);
    const taken = store.getState().take();
    store.getState().close();
    give({ ok: true, value: ticket });
    await taken;
    expect(store.getState()).toMatchObject({ job: null, ticket: null });
  });

  it('says why there is none, and lets the PIN be tried again', async () => {
    const store = createTicket(createFakeBridge('client', { 'client.ticket': () => refused('pin-wrong') }));
    store.getState().open(job);
    await store.getState().take();
    expect(store.getState()).toMatchObject({ job, ticket: null, working: false, failure: { code: 'pin-wrong' } });
  });
});
