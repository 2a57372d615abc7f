import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { createFactsReader } from '../documents/facts.ts';
import { encodeMetadata, type JobMetadata } from '../sealing/metadata.ts';
import { abortable } from './abortable.ts';
import { type Description, descriptionOf } from './descriptions.ts';

/** One document on its way in. */
export interface JobDocument {
  readonly name?: string;
  /** MIME type. */
  readonly format: string;
  /** Document template attributes: base64url of exact IPP bytes. */
  readonly attributes?: string;
  readonly content: AsyncIterable<Uint8Array>;
  /** False: others follow, and nobody knows when. */
  readonly last?: boolean;
}

/** The documents of a job as the one stream that is sealed; what is known of each is read on the way. */
export interface DocumentSequence {
  /** Others follow the first one, and nobody knows when. */
  readonly unfinished: boolean;
  /** All of them, in their order, nothing between them. */
  readonly bytes: AsyncIterator<Uint8Array>;
  /** What is to be sealed with them, once all were read to their end. */
  metadata(): JobMetadata;
  description(): Description;
  /** Lets go of what was not read. Not to be waited for: a source may be stuck. */
  close(): void;
}

/**
 * Waits for the first document, for as long as its sender wishes. The sequence throws `too-large` for more documents or
 * attributes than a job may have, and `input-invalid` for what could not be sealed, before their bytes are read.
 * `upload-truncated`: there is no document at all.
 */
export async function openDocuments(
  ticket: { readonly title: string; readonly attributes: string },
  documents: AsyncIterable<JobDocument>,
  signal: AbortSignal
): Promise<DocumentSequence> {
  const { title, attributes } = ticket;
  const source = documents[Symbol.asyncIterator]();
  const read: JobMetadata['documents'] = [];
  const metadata = (): JobMetadata => ({ v: 2, title, attributes, documents: read });

  const letGo = () => source.return?.().catch(() => {});

  const first = await abortable(source.next(), signal).catch((error) => {
    void letGo();
    throw error;
  });
  if (first.done) throw new LetterlockError('upload-truncated', 'no document');

  async function* concatenated(next: IteratorResult<JobDocument>): AsyncGenerator<Uint8Array, void> {
    for (; !next.done; next = await source.next()) {
      const { content, last: _, ...said } = next.value;
      const document = { ...said, size: 0, facts: {} };
      if (read.length === limits.documentsPerJob) throw new LetterlockError('too-large', 'documents');
      encodeMetadata({ ...metadata(), documents: [...read, document] });
      const facts = createFactsReader(said.format);
      for await (const chunk of content) {
        document.size += chunk.length;
        facts.write(chunk);
        yield chunk;
      }
      read.push({ ...document, facts: facts.end() });
    }
  }
  const bytes = concatenated(first);

  return {
    unfinished: first.value.last === false,
    bytes,
    metadata,
    description: () => descriptionOf(metadata()),
    close() {
      bytes
        .return()
        .catch(() => {})
        .then(letGo);
    }
  };
}
