import type { Logger } from '../../base/logger.ts';
import type { CoordinatorStore, Tables } from '../store.ts';
import type { StoreCluster } from './port.ts';
import { decodeNotice, encodeNotice, type Peer, type Word } from './words.ts';

/**
 * The coordinators over one database, as one of them sees the others. What must not be lost goes with the transaction that it
 * tells of; everything else is told again to whoever comes, and forgotten of whoever goes. Alone it does nothing.
 */
export interface Cluster {
  /**
   * To all others. With the tables of a transaction: when it is committed, and not if it is not. Without: soon, in order; while the
   * database is away it is lost, and what is told on joining makes up for it.
   */
  say(word: Word, tables?: Pick<Tables, 'notices'>): Promise<void>;
  on<Type extends Word['type']>(type: Type, listener: Listener<Type>): void;
  /** Somebody hears us who may know nothing yet. */
  onJoined(listener: () => void): void;
  /** A peer is gone, or cannot be heard any more. */
  onGone(listener: (peer: Peer) => void): void;
  /** Whatever was said before may have been missed. */
  onHearing(listener: () => void): void;
  /** After everybody listens. */
  start(): Promise<void>;
  close(): Promise<void>;
}
export type Listener<Type extends Word['type']> = (word: Extract<Word, { type: Type }>, from: Peer) => void;

export const createCluster = (store: CoordinatorStore, logger: Logger): Cluster =>
  store.cluster ? several(store, store.cluster, logger) : alone;

const alone: Cluster = {
  say: async () => {},
  on: () => {},
  onJoined: () => {},
  onGone: () => {},
  onHearing: () => {},
  start: async () => {},
  close: async () => {}
};

function several(store: CoordinatorStore, port: StoreCluster, logger: Logger): Cluster {
  const listeners = new Map<Word['type'], ((word: never, from: Peer) => void)[]>();
  const joined: (() => void)[] = [];
  const gone: ((peer: Peer) => void)[] = [];
  const hearing: (() => void)[] = [];
  const peers = new Set<Peer>();
  let self: Peer = 0;
  let untilGone: ((peer: Peer) => Promise<void>) | undefined;
  let saying: Promise<unknown> = Promise.resolve();
  let joining: { close(): Promise<void> } | undefined;

  const say: Cluster['say'] = async (word, tables) => {
    if (tables) return tables.notices.send(encodeNotice(self, word));
    if (self === 0) return;
    saying = saying
      .then(() => store.tables.notices.send(encodeNotice(self, word)))
      .catch((error: unknown) => logger.warn({ error, word: word.type }, 'the other coordinators could not be told'));
    await saying;
  };

  function meet(peer: Peer): void {
    if (peers.has(peer)) return;
    peers.add(peer);
    logger.info({ peer }, 'another coordinator is there');
    for (const listener of joined) listener();
    untilGone?.(peer)
      .catch((error: unknown) => logger.warn({ error, peer }, 'another coordinator could not be watched'))
      .finally(() => forget(peer));
  }
  function forget(peer: Peer): void {
    if (!peers.delete(peer)) return;
    logger.info({ peer }, 'another coordinator is gone');
    for (const listener of gone) listener(peer);
    // If only the watch was lost, it answers.
    void say({ type: 'hello' });
  }

  return {
    say,
    on(type, listener) {
      listeners.set(type, [...(listeners.get(type) ?? []), listener as (word: never, from: Peer) => void]);
    },
    onJoined: (listener) => void joined.push(listener),
    onGone: (listener) => void gone.push(listener),
    onHearing: (listener) => void hearing.push(listener),
    async start() {
      joining = await port.join({
        up(id, until) {
          self = id;
          untilGone = until;
          void say({ type: 'hello' });
          for (const listener of hearing) listener();
        },
        down() {
          self = 0;
          for (const peer of [...peers]) forget(peer);
        },
        heard(text) {
          if (self === 0) return; // not ready: `hearing` makes up for it
          const notice = decodeNotice(text);
          if (!notice) return logger.warn({}, 'a word of another coordinator was not understood');
          const { from, word } = notice;
          if (from === self) return;
          const known = peers.has(from);
          if (from !== 0) meet(from);
          if (word.type === 'hello' && known) for (const listener of joined) listener();
          for (const listener of listeners.get(word.type) ?? []) listener(word as never, from);
        }
      });
    },
    async close() {
      await saying;
      await joining?.close();
      peers.clear();
    }
  };
}
