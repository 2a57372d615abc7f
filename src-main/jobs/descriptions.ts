import { z } from 'zod';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { DocumentFacts } from '../../src-preload/contract/views.ts';
import { utf8 } from '../base/bytes.ts';
import { combineFacts } from '../documents/facts.ts';
import { type Sealed, sealTo } from '../identity/hpke.ts';
import type { SealingKey } from '../identity/keys.ts';
import type { JobMetadata } from '../sealing/metadata.ts';

/** What a job is called and what is in it, as far as a window shows it. */
export interface Description extends Content {
  readonly title: string;
}

const Content = z.strictObject({
  /** How many. */
  documents: z.int().positive(),
  /** Of all documents together. */
  facts: DocumentFacts
});
type Content = z.infer<typeof Content>;

/** Of a job whose metadata is known. */
export const descriptionOf = ({ title, documents }: JobMetadata): Description => ({
  title,
  documents: documents.length,
  facts: combineFacts(documents.map(({ facts }) => facts))
});

/** Descriptions rest sealed to the device's own key, also on the machine that printed; readable only in memory, for the window. */
export interface Descriptions {
  get(job: JobId): Description | null;
  /** Known at once; resolves to what may rest on a disk. */
  set(job: JobId, description: Description): Promise<Sealed>;
  /** What rested on a disk. One that does not open stays unknown; never rejects. */
  read(job: JobId, sealed: Sealed): Promise<void>;
  /** Forgets all others. */
  keep(wanted: (job: JobId) => boolean): void;
}

export function createDescriptions(key: SealingKey): Descriptions {
  const known = new Map<JobId, Description>();
  const context = (job: JobId) => ({ info: utf8('letterlock/v1/local-description'), aad: utf8(job) });
  return {
    get: (job) => known.get(job) ?? null,
    set(job, description) {
      known.set(job, description);
      return sealTo(key.publicKey, utf8(written(description)), context(job));
    },
    async read(job, sealed) {
      try {
        known.set(job, parsed(Buffer.from(await key.open(sealed, context(job))).toString('utf8')));
      } catch {
        // Unknown, as of a job whose record had to be made again.
      }
    },
    keep(wanted) {
      for (const job of known.keys()) if (!wanted(job)) known.delete(job);
    }
  };
}

/** JSON, a line end, the title: escaped, the longest title could outgrow what may be sealed. */
const written = ({ title, documents, facts }: Description): string =>
  `${JSON.stringify({ documents, facts })}\n${title}`;

function parsed(text: string): Description {
  const end = text.indexOf('\n');
  return { ...Content.parse(JSON.parse(text.slice(0, end))), title: text.slice(end + 1) };
}
