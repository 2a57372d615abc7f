import type { SignedInAs } from '../../src-preload/contract/index.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { ReadStore } from './reads.ts';
import type { WebSessionStore } from './web-session.ts';

/**
 * While somebody of this kind is signed in, what is shown follows what changes; when they leave, it is forgotten. After each gap
 * everything in sight is read again unless the coordinator remembers what happened meanwhile.
 */
export const followSession = (
  gateway: Gateway,
  session: WebSessionStore,
  reads: ReadStore,
  kind: SignedInAs['kind']
): void => {
  let stop: AbortController | undefined;
  let who = '';
  const follow = () => {
    stop = new AbortController();
    const listener = {
      onChange: reads.changed,
      onReset: () => reads.changed(null),
      onConnection: (connection: Parameters<ReadStore['connection']>[0]) => {
        reads.connection(connection);
        if (connection === 'refused') session.getState().expire();
      }
    };
    gateway.follow(listener, stop.signal);
  };
  session.subscribe(({ state, view }) => {
    const now = state === 'in' && view?.as.kind === kind ? view.as.name : '';
    if (now === who) return;
    who = now;
    stop?.abort();
    reads.forget();
    if (now) follow();
  });
};
