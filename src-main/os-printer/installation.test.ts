import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LetterlockError } from '../base/errors.ts';
import { silentLogger } from '../base/logger.ts';
import { type InstallationOptions, keepInstallation, queueNames } from './installation.ts';
import type { OsPrinter, QueueStatus } from './port.ts';

/** A print system that is a list of queues, with the moods of real ones. */
function listOfQueues() {
  const queues = new Map<string, QueueStatus>();
  const done: string[] = [];
  const mood: { refuse?: LetterlockError; changed: () => void } = { changed: () => {} };
  const willing = () => {
    if (mood.refuse) throw mood.refuse;
  };
  const address = ({ port }: { port: number }) => `ipps://127.0.0.1:${port}/ipp/print`;
  const system: OsPrinter = {
    status: async (name) => queues.get(name) ?? null,
    async install(queue) {
      willing();
      done.push(`install ${queue.name} ${queue.port}`);
      queues.set(queue.name, { device: address(queue), complete: true, busy: false });
    },
    async remove(name) {
      willing();
      done.push(`remove ${name}`);
      queues.delete(name);
    },
    async pause(name) {
      done.push(`pause ${name}`);
      const queue = queues.get(name);
      if (queue) queues.set(name, { ...queue, complete: false });
    },
    makeDefault: async (name) => void done.push(`default ${name}`),
    forgetDefault: async (name) => void done.push(`forget ${name}`),
    address,
    watch(listener) {
      mood.changed = listener;
      return () => {
        mood.changed = () => {};
      };
    }
  };
  return { system, queues, done, mood };
}

describe('installation', () => {
  let folder: string;
  let os: ReturnType<typeof listOfQueues>;
  let paired: boolean;
  let offer: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'letterlock-installation-'));
    os = listOfQueues();
    paired = true;
    offer = 'A4';
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = (options: Partial<InstallationOptions> & { port?: number } = {}) =>
    keepInstallation({
      system: os.system,
      file: join(folder, 'os-printer.json'),
      target: {
        port: options.port ?? 4711,
        credentials: { user: 'letterlock', password: 'secret' },
        owner: 'anna',
        offer: () => offer
      },
      automatic: () => paired,
      onChange: () => undefined,
      logger: silentLogger,
      ...options
    });

  it('waits until the machine is paired, then installs once', async () => {
    paired = false;
    const installation = await open();
    expect(await installation.check()).toEqual({ state: 'off', queue: 'Letterlock' });
    paired = true;
    installation.refresh();
    installation.refresh();
    expect(await installation.check()).toEqual({ state: 'installed', queue: 'Letterlock' });
    expect(os.done).toEqual(['install Letterlock 4711']);
  });

  it('remembers over a restart: follows the port, keeps away when removed', async () => {
    await (await open()).check();
    const second = await open({ port: 4712 });
    expect(await second.check()).toMatchObject({ state: 'installed' });
    expect(os.queues.get('Letterlock')?.device).toContain(':4712/');
    await second.remove();
    expect(os.queues.size).toBe(0);
    const third = await open({ port: 4712 });
    expect(await third.check()).toMatchObject({ state: 'off' });
    expect(await third.install({})).toMatchObject({ state: 'installed' });
  });

  it('knows its queue also when it died before it could remember it', async () => {
    await os.system.install({ name: 'Letterlock', port: 4711, credentials: { user: '', password: '' }, owner: 'anna' });
    expect(await (await open()).check()).toEqual({ state: 'installed', queue: 'Letterlock' });
    expect(os.queues.size).toBe(1);
  });

  it('never changes a queue that somebody led elsewhere', async () => {
    const installation = await open();
    await installation.check();
    const theirs = { device: 'ipp://printer.example/', complete: true, busy: false };
    os.queues.set('Letterlock', theirs);
    expect(await installation.check()).toEqual({ state: 'installed', queue: 'Letterlock-anna' });
    await installation.remove();
    expect([...os.queues]).toEqual([['Letterlock', theirs]]);
  });

  it('lets a job finish before the queue learns what the printers can do now', async () => {
    const installation = await open();
    await installation.check();
    const ours = os.queues.get('Letterlock');
    if (ours) os.queues.set('Letterlock', { ...ours, busy: true });
    offer = 'A4 and A3';
    expect(await installation.check()).toMatchObject({ state: 'installed' });
    expect(os.done).toHaveLength(1);
    if (ours) os.queues.set('Letterlock', ours);
    await installation.check();
    expect(os.done).toHaveLength(2);
  });

  it('shows a failure, and does not try again because of its own traces', async () => {
    os.mood.refuse = new LetterlockError('print-system-refused', 'not an administrator');
    const shown: unknown[] = [];
    const installation = await open({ onChange: () => shown.push(installation.view()?.state) });
    expect(await installation.check()).toMatchObject({ state: 'failed', failure: { code: 'print-system-refused' } });
    expect(shown).toEqual(['missing', 'failed']);
    delete os.mood.refuse;
    os.mood.changed();
    await installation.close();
    expect(os.done).toEqual([]);
  });

  it('comes back when its queue was deleted, by the print system’s own event', async () => {
    const back = new Promise<void>((done) => {
      void open({
        onChange: () => {
          if (os.done.length === 2) done();
        }
      }).then(async (installation) => {
        await installation.check();
        os.queues.clear();
        os.mood.changed();
      });
    });
    await back;
    expect(os.queues.has('Letterlock')).toBe(true);
  });

  it('tells whoever asked what went wrong', async () => {
    os.mood.refuse = new LetterlockError('print-system-refused');
    await expect((await open()).install({})).rejects.toMatchObject({ code: 'print-system-refused' });
    const unsupported = await open({ system: null });
    expect(await unsupported.check()).toMatchObject({ state: 'unsupported' });
    await expect(unsupported.install({})).rejects.toMatchObject({ code: 'print-system-unavailable' });
  });

  it('pauses its queue for as long as the printer does not run, and no other', async () => {
    const installation = await open();
    await installation.check();
    await installation.close();
    expect(os.done).toEqual(['install Letterlock 4711', 'pause Letterlock']);
    const next = await open();
    expect(await next.check()).toMatchObject({ state: 'installed' });
    expect(os.queues.get('Letterlock')?.complete).toBe(true);
    os.queues.set('Letterlock', { device: 'ipp://printer.example/', complete: true, busy: false });
    await next.close();
    expect(os.done.filter((what) => what.startsWith('pause'))).toHaveLength(1);
  });

  it('makes it the default only when asked, and takes that back', async () => {
    const installation = await open();
    await installation.install({ asDefault: true });
    await installation.remove();
    expect(os.done).toEqual([
      'install Letterlock 4711',
      'default Letterlock',
      'forget Letterlock',
      'remove Letterlock'
    ]);
  });
});

it('names hold nothing that print systems or shells read otherwise', () => {
  expect(queueNames('o\'neill; $(rm -rf ~) "/#?')).toEqual(['Letterlock', 'Letterlock-oneillrm-rf']);
});
