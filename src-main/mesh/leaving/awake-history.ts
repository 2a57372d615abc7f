import { join } from 'node:path';
import { z } from 'zod';
import { readJson, writeJsonAtomic } from '../../base/atomic-file.ts';
import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Logger } from '../../base/logger.ts';

/** In which hours of the last days this machine was awake, in `<dataDir>/awake.json`. Says nothing of what it did. */
export interface AwakeHistory {
  /** Hours awake of all hours since the first that is known; 1 for a machine that has just come. */
  share(): number;
  close(): void;
}

const History = z.object({ v: z.literal(1), hours: z.array(z.int()).max(limits.awakeHours) });
const hourMs = 3_600_000;

export async function openAwakeHistory(dataDir: string, clock: Clock, logger: Logger): Promise<AwakeHistory> {
  const file = join(dataDir, 'awake.json');
  /** Hours since the Unix epoch, oldest first. */
  let hours = (await readJson(file, History).catch(() => null))?.hours ?? [];
  let cancel = () => {};

  const note = () => {
    cancel = clock.after(hourMs / 2, note);
    const now = Math.floor(clock.now() / hourMs);
    if (hours.includes(now)) return;
    hours = [...hours.filter((hour) => hour < now && hour > now - limits.awakeHours), now];
    writeJsonAtomic(file, { v: 1, hours }).catch((error) => logger.warn({ error }, 'the hours awake are not noted'));
  };
  note();
  return {
    share() {
      const now = Math.floor(clock.now() / hourMs);
      const known = hours.filter((hour) => hour <= now && hour > now - limits.awakeHours);
      return Math.min(1, known.length / (now - (known[0] ?? now) + 1));
    },
    close: () => cancel()
  };
}
