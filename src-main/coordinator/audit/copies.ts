import type { DeviceId } from '../../../src-preload/contract/index.ts';
import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Changes } from '../changes.ts';
import type { DirectoryKeeper } from '../directory-keeper.ts';
import type { EventStreams } from '../event-streams.ts';
import type { AuditJournal } from './journal.ts';

/**
 * Gives every connected node the newest checkpoint to keep: when it connects, and soon after rows were added. Whoever writes
 * the log anew later, even with the coordinator's own key, cannot take these back.
 */
export function startAuditCopies(options: {
  readonly audit: AuditJournal;
  readonly changes: Changes;
  readonly streams: EventStreams;
  readonly directory: DirectoryKeeper;
  readonly clock: Clock;
}): { close(): void } {
  const { audit, changes, streams, directory, clock } = options;
  let cancel: (() => void) | undefined;

  function give(device: DeviceId): void {
    const checkpoint = audit.head();
    if (checkpoint && directory.device(device)?.roles.includes('node'))
      streams.send(device, { type: 'audit-checkpoint', checkpoint });
  }
  const giveAll = async () => {
    cancel = undefined;
    await audit.catchUp();
    for (const device of streams.here()) give(device);
  };

  const offChange = changes.onChange(({ changes: all }) => {
    if (all.some(({ area }) => area === 'audit'))
      cancel ??= clock.after(limits.auditCopySeconds * 1000, () => void giveAll());
  });
  const offPresence = streams.onHere((device, here) => {
    if (here) give(device);
  });
  return {
    close() {
      offChange();
      offPresence();
      cancel?.();
    }
  };
}
