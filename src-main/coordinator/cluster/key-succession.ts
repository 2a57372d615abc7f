import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { toBase64url, utf8, wipe } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Logger } from '../../base/logger.ts';
import { base64url, decoded } from '../../identity/base64url.ts';
import { Sealed, sealTo } from '../../identity/hpke.ts';
import { generateSealingKey, type SealingKey, sealingKey } from '../../identity/keys.ts';
import { openStatement, type Signed, signStatement } from '../../identity/signed-statement.ts';
import type { CoordinatorIdentity } from '../identity.ts';
import type { CoordinatorStore, Tables } from '../store.ts';
import type { Cluster } from './cluster.ts';

/**
 * How the next content of a key file comes to the other coordinators before it counts. Each makes a key pair for this one
 * occasion, which it forgets; to that the content is sealed, in words that no table keeps. So neither the database nor a copy of
 * it ever opens anything, also not for who has the key files of before. Both ways are signed as the coordinator: the database is
 * not believed. Specified in docs/adr/0021-new-keys-reach-every-coordinator.md.
 */
export interface KeySuccession {
  /** Resolves when every other coordinator that is listed has it on its disk. Throws `conflict`, and says who has not. */
  spread(name: string, content: Uint8Array): Promise<void>;
  /** In the transaction that makes it count: sees that all of them still have it, and tells them. Throws `conflict`. */
  confirm(tables: Tables, name: string, fingerprint: string): Promise<void>;
  /** It will never count. Never fails. */
  withdraw(name: string, fingerprint: string): Promise<void>;
}

interface Asked {
  readonly key: SealingKey;
  readonly pieces: Uint8Array[];
}
interface Asking {
  recipient(answer: z.infer<typeof Recipient>): void;
  kept(url: string): void;
}

export function createKeySuccession(options: {
  readonly cluster: Cluster;
  readonly store: CoordinatorStore;
  readonly identity: CoordinatorIdentity;
  /** Where this one is listed. */
  readonly url: () => string;
  /** Puts a content that was received on the disk and notes that it is there, telling in the same transaction. */
  readonly keep: (name: string, content: Uint8Array, tell: (tables: Tables) => Promise<void>) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}): KeySuccession {
  const { cluster, store, identity, url, keep, clock, logger } = options;
  const signer = { id: identity.id, key: identity.signing };
  const asked = new Map<string, Asked>();
  const asking = new Map<string, Asking>();
  let receiving: Promise<unknown> = Promise.resolve();

  const opened = <Schema extends z.ZodType>(kind: string, signed: Signed, schema: Schema) => {
    const { publicKey } = identity.signing;
    return openStatement({ kind, signed, publicKey, schema, maxBytes: limits.notice, code: 'input-invalid' });
  };
  /** In order; what is not understood or not signed as it should be has no consequence but a line in the log. */
  function inTurn(run: () => Promise<void>): void {
    receiving = receiving.then(run).catch((error: unknown) => {
      logger.warn({ error }, 'a key of another coordinator was not taken');
    });
  }

  cluster.on('key-offered', ({ rotation }) =>
    inTurn(async () => {
      const secret = generateSealingKey();
      const key = sealingKey(secret);
      wipe(secret);
      for (const old of [...asked.keys()].slice(0, Math.max(0, asked.size - openOffers + 1))) asked.delete(old);
      asked.set(rotation, { key, pieces: [] });
      const recipient: z.infer<typeof Recipient> = { rotation, url: url(), key: toBase64url(key.publicKey) };
      await cluster.say({ type: 'key-recipient', signed: await signStatement('key-recipient', recipient, signer) });
    })
  );
  cluster.on('key-recipient', ({ signed }) =>
    inTurn(async () => {
      const recipient = opened('key-recipient', signed, Recipient);
      asking.get(recipient.rotation)?.recipient(recipient);
    })
  );
  cluster.on('key-piece', ({ signed }) =>
    inTurn(async () => {
      const { sealed, ...piece } = opened('key-piece', signed, Piece);
      const mine = asked.get(piece.rotation);
      if (piece.url !== url() || piece.part !== mine?.pieces.length) return;
      mine.pieces.push(await mine.key.open(sealed, contextOf(piece)));
      if (mine.pieces.length < piece.parts) return;
      asked.delete(piece.rotation);
      const content = Buffer.concat(mine.pieces);
      wipe(...mine.pieces);
      await keep(piece.name, content, (tables) =>
        cluster.say({ type: 'key-kept', rotation: piece.rotation, url: piece.url }, tables)
      );
    })
  );
  cluster.on('key-kept', ({ rotation, url }) => asking.get(rotation)?.kept(url));

  const others = async (tables: Tables) =>
    (await tables.coordinators.list()).map(({ url }) => url).filter((listed) => listed !== url());

  async function send(content: Uint8Array, name: string, { rotation, url, key }: z.infer<typeof Recipient>) {
    const parts = Math.ceil(content.length / pieceBytes);
    for (let part = 0; part < parts; part += 1) {
      const piece = { rotation, url, name, part, parts };
      const plain = content.subarray(part * pieceBytes, (part + 1) * pieceBytes);
      const sealed = await sealTo(decoded(key), plain, contextOf(piece));
      const statement: z.infer<typeof Piece> = { ...piece, sealed };
      await cluster.say({ type: 'key-piece', signed: await signStatement('key-piece', statement, signer) });
    }
  }

  return {
    async spread(name, content) {
      const missing = new Set(await others(store.tables));
      if (missing.size === 0) return;
      const rotation = randomUUID();
      const sent = new Set<string>();
      let stopWaiting = () => {};
      try {
        await new Promise<void>((resolve, reject) => {
          const fail = () => reject(notThere(missing));
          stopWaiting = clock.after(limits.keySpreadSeconds * 1000, fail);
          asking.set(rotation, {
            recipient(answer) {
              // Once each: whoever answers a second time for an address is not who answered first.
              if (!missing.has(answer.url) || sent.has(answer.url)) return;
              sent.add(answer.url);
              send(content, name, answer).catch(reject);
            },
            kept(url) {
              if (missing.delete(url) && missing.size === 0) resolve();
            }
          });
          void cluster.say({ type: 'key-offered', rotation });
        });
      } finally {
        stopWaiting();
        asking.delete(rotation);
      }
    },

    async confirm(tables, name, fingerprint) {
      const copies = await tables.keyCopies.takeAll(name, fingerprint);
      const missing = (await others(tables)).filter((url) => !copies.includes(url));
      if (missing.length > 0) throw notThere(missing);
      await cluster.say({ type: 'key-replaced' }, tables);
    },

    withdraw: (name, fingerprint) => cluster.say({ type: 'key-withdrawn', name, fingerprint })
  };
}

/** Offers of others that wait for their pieces; one that is pushed out is simply not taken. */
const openOffers = 8;
/** Sealed, signed and said it is less than limits.notice. */
const pieceBytes = 3000;

const Recipient = z.strictObject({ rotation: z.uuid(), url: z.string().max(300), key: base64url(32) });
const Piece = z.strictObject({
  rotation: z.uuid(),
  url: z.string().max(300),
  name: z.string().max(40),
  part: z.int().min(0),
  parts: z.int().min(1).max(8),
  sealed: Sealed
});

const contextOf = ({ rotation, url, name, part, parts }: Omit<z.infer<typeof Piece>, 'sealed'>) => ({
  info: utf8('letterlock/v1/key-succession'),
  aad: utf8(JSON.stringify([rotation, url, name, part, parts]))
});

const notThere = (urls: Iterable<string>) =>
  new LetterlockError('conflict', `not there: ${[...urls].join(', ')}. Start it, or take it off the list first`);
