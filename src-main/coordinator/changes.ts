import { randomBytes } from 'node:crypto';
import { limits } from '../base/limits.ts';

/**
 * What has changed lately, for those who show it: areas and ids, never what changed in them. Whoever lost the connection asks
 * for what came after the last one seen. In memory only; after a restart everybody reads everything again.
 */
export interface Changes {
  publish(changes: readonly Change[]): void;
  /** Names the latest change. */
  cursor(): string;
  /** Those after `cursor`, oldest first; null when that is not known any more. */
  since(cursor: string): readonly Published[] | null;
  /** Called with each as it happens. */
  onChange(listener: (published: Published) => void): () => void;
}
/** `area`: the second word of an administrator's procedure, or `audit`. No id: any of them. */
export interface Change {
  readonly area: string;
  readonly ids: readonly string[];
}
export interface Published {
  readonly cursor: string;
  readonly changes: readonly Change[];
}

export function createChanges(): Changes {
  /** So that a number of another life is not taken for one of this. */
  const life = randomBytes(6).toString('base64url');
  const kept: Published[] = [];
  const listeners = new Set<(published: Published) => void>();
  let last = 0;
  const cursorOf = (number: number) => `${life}.${number}`;

  return {
    publish(changes) {
      if (changes.length === 0) return;
      last += 1;
      const published = { cursor: cursorOf(last), changes };
      kept.push(published);
      if (kept.length > limits.changesKept) kept.shift();
      for (const listener of listeners) listener(published);
    },
    cursor: () => cursorOf(last),
    since(cursor) {
      const number = Number(cursor.slice(life.length + 1));
      const behind = last - number;
      if (cursor !== cursorOf(number) || !(behind >= 0 && behind <= kept.length)) return null;
      return kept.slice(kept.length - behind);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    }
  };
}

/** Which area shows what an audit row tells of: its first word, or the thing that it is a part of. */
export function changeOf({ action, subject, detail }: AuditedAct): Change {
  const word = action.slice(0, action.indexOf('.'));
  const area = partOf[word] ?? word;
  const id = area === word ? subject : detail[area];
  return { area, ids: typeof id === 'string' ? [id] : [subject] };
}
interface AuditedAct {
  readonly action: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}
const partOf: Readonly<Record<string, string>> = { grant: 'job', 'job-part': 'job', node: 'device', session: 'user' };
