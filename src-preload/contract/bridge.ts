import type { Result } from './errors.ts';
import type { EventName, EventPayload, Input, Output, Procedure } from './procedures.ts';

/** What a window finds as `window.letterlock`. The only way from a renderer to the rest of the program. */
export interface Bridge {
  call<P extends Procedure>(procedure: P, input: Input<P>): Promise<Result<Output<P>>>;
  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void;
  readonly surface: 'client' | 'station';
}

/** Names of the two IPC channels under the bridge. */
export const ipcChannels = { call: 'letterlock:call', event: 'letterlock:event' } as const;
