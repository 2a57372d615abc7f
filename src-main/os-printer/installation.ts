import { z } from 'zod';
import type { InstallationView } from '../../src-preload/contract/index.ts';
import { readJson, writeJsonAtomic } from '../base/atomic-file.ts';
import { failure, LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { OsPrinter, Queue, QueueStatus } from './port.ts';

export interface InstallationOptions {
  /** Null: this operating system has no adapter. */
  readonly system: OsPrinter | null;
  /** What was installed is remembered here. */
  readonly file: string;
  /** The virtual printer as it is now. `offer` changes when what it can print or its password does: the queue is made again then. */
  readonly target: Omit<Queue, 'name'> & { readonly offer: () => string };
  /** Whether `check` may install what never was: false until the machine is paired, and where only people may ask for it. */
  readonly automatic: () => boolean;
  readonly onChange: () => void;
  readonly logger: Logger;
}

export interface Installation {
  /** Null until it was looked at. */
  view(): InstallationView | null;
  /** Looks, and repairs what is ours: the queue was deleted, leads elsewhere, or the printer learned something. Never rejects. */
  check(): Promise<InstallationView>;
  /** Checks if what `target` and `automatic` say is not what it was: cheap, to be called after any change. */
  refresh(): void;
  /** Somebody asked for it. Rejects with what went wrong. */
  install(wishes: { readonly asDefault?: boolean | undefined }): Promise<InstallationView>;
  /** Somebody wants it gone: it stays away until somebody asks again. */
  remove(): Promise<InstallationView>;
  /** The virtual printer is about to stop: until the next start the print system keeps what is printed. */
  close(): Promise<void>;
}

const Memory = z.object({
  v: z.literal(1),
  /** The queue that is ours, with its address and what the print system called that. Null: none. */
  queue: z.object({ name: z.string(), address: z.string(), device: z.string(), offer: z.string() }).nullable(),
  /** Its user took it out. */
  unwanted: z.boolean(),
  isDefault: z.boolean()
});
type Memory = z.infer<typeof Memory>;
const nothing: Memory = { v: 1, queue: null, unwanted: false, isDefault: false };

/**
 * Keeps the virtual printer in the print system. A queue is ours if it leads where we installed it to, or where the virtual
 * printer is now; every other queue is left alone, whatever its name.
 */
export async function keepInstallation(options: InstallationOptions): Promise<Installation> {
  const { system, file, target, logger } = options;
  let memory = (await readJson(file, Memory).catch(forgotten)) ?? nothing;
  let view: InstallationView | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let waiting: Promise<InstallationView> | null = null;
  let closed = false;
  let checkedFor = '';

  /** A damaged file was set aside; the queue is found again by its address. */
  function forgotten(error: unknown): null {
    logger.warn({ error }, 'what was known of the queue in the print system is lost');
    return null;
  }

  /** One at a time: the print system is asked, then told. */
  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const mine = last.then(run, run);
    last = mine.catch(() => undefined);
    return mine;
  }

  async function remember(next: Memory): Promise<void> {
    memory = next;
    await writeJsonAtomic(file, memory);
  }

  function show(next: InstallationView): InstallationView {
    const changed = JSON.stringify(next) !== JSON.stringify(view);
    view = next;
    if (changed) options.onChange();
    return next;
  }

  /** The queue that is ours, or the first free name; `queue-taken` when others have them all. */
  async function find(os: OsPrinter): Promise<{ name: string; status: QueueStatus | null }> {
    const names = new Set([...(memory.queue ? [memory.queue.name] : []), ...queueNames(target.owner)]);
    for (const name of names) {
      const status = await os.status(name);
      if (!status) return { name, status: null };
      if (status.device === memory.queue?.device || status.device === os.address(target)) return { name, status };
    }
    throw new LetterlockError('queue-taken', [...names].join(', '));
  }

  /** Where a print system that doesn't answer holds nothing of ours, there is nothing to remove. */
  function noneOfOurs(error: unknown): { name: string; status: null } {
    const code = error instanceof LetterlockError ? error.code : null;
    if (code === 'queue-taken' || (code === 'print-system-unavailable' && !memory.queue))
      return { name: defaultName, status: null };
    throw error;
  }

  const wanted = () => `${options.automatic()} ${target.port} ${target.offer()}`;
  const isCurrent = (os: OsPrinter) =>
    memory.queue?.address === os.address(target) && memory.queue.offer === target.offer();

  async function put(os: OsPrinter, name: string): Promise<InstallationView> {
    const offer = target.offer();
    await os.install({ name, ...target });
    const status = await os.status(name);
    if (!status) throw new LetterlockError('print-system-refused', 'the queue did not appear');
    const queue = { name, address: os.address(target), device: status.device, offer };
    await remember({ ...memory, queue, unwanted: false });
    logger.info({ queue: name }, 'the virtual printer is installed');
    return { state: 'installed', queue: name };
  }

  async function look(): Promise<InstallationView> {
    if (!system) return { state: 'unsupported', queue: defaultName };
    if (memory.unwanted || (!memory.queue && !options.automatic())) return { state: 'off', queue: defaultName };
    const { name, status } = await find(system);
    const good = status?.complete === true && status.device === memory.queue?.device && isCurrent(system);
    // A queue that only has something to learn finishes its job first.
    if (good || (status?.busy && status.device === system.address(target))) return { state: 'installed', queue: name };
    show({ state: status ? 'changed' : 'missing', queue: name });
    return put(system, name);
  }

  const failed = (error: unknown): InstallationView => {
    const { code, message, detail } = failure(error);
    const state = code === 'print-system-unavailable' ? 'unsupported' : 'failed';
    logger.warn({ error }, 'the virtual printer is not installed');
    return {
      state,
      queue: memory.queue?.name ?? defaultName,
      failure: { code, message, ...(detail ? { detail } : {}) }
    };
  };

  /** Without us, anybody's program could listen where the queue leads to, and CUPS would believe it. */
  async function pause(): Promise<void> {
    if (!system || !memory.queue || view?.state !== 'installed') return;
    const { name, device } = memory.queue;
    if ((await system.status(name))?.device === device) await system.pause(name);
  }

  function check(): Promise<InstallationView> {
    // Who asks while a look is still to begin gets that one.
    waiting ??= inTurn(async () => {
      waiting = null;
      checkedFor = wanted();
      return show(closed && view ? view : await look().catch(failed));
    });
    return waiting;
  }

  /** What somebody asked for: the failure is shown and told. */
  const asked = (run: (os: OsPrinter) => Promise<InstallationView>): Promise<InstallationView> =>
    inTurn(async () => {
      if (!system) throw new LetterlockError('print-system-unavailable', process.platform);
      try {
        return show(await run(system));
      } catch (error) {
        show(failed(error));
        throw error;
      }
    });

  const unwatch = system?.watch(() => {
    // An attempt that failed is not repeated because of the traces that it left.
    if (!closed && view && view.state !== 'failed') void check();
  });

  return {
    view: () => view,
    check,
    refresh() {
      if (wanted() !== checkedFor) void check();
    },
    install: ({ asDefault = false }) =>
      asked(async (os) => {
        const { name } = await find(os);
        const installed = await put(os, name);
        if (asDefault) {
          await os.makeDefault(name);
          await remember({ ...memory, isDefault: true });
        }
        return installed;
      }),
    remove: () =>
      asked(async (os) => {
        const { name, status } = await find(os).catch(noneOfOurs);
        if (memory.isDefault) await os.forgetDefault(name);
        if (status) await os.remove(name);
        await remember({ ...nothing, unwanted: true });
        return { state: 'off', queue: defaultName };
      }),
    async close() {
      closed = true;
      unwatch?.();
      await inTurn(pause).catch((error) => logger.warn({ error }, 'the queue could not be paused'));
    }
  };
}

const defaultName = 'Letterlock';

/** On a machine with several users each has a queue; the first one gets the plain name. */
export const queueNames = (owner: string): string[] => [
  defaultName,
  `${defaultName}-${owner.replaceAll(/[^A-Za-z0-9_-]/g, '')}`
];
