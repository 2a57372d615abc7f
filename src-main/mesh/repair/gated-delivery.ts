import { LetterlockError } from '../../base/errors.ts';
import type { Deliver } from '../ports.ts';
import type { Pace } from './pace.ts';
import type { Repair } from './port.ts';

/** Delivery that begins only once this node knows what was erased while it was away, and that repair makes way for until the printer has all. */
export const gatedDelivery = (deliver: Deliver, repair: Pick<Repair, 'ready'>, pace: Pace): Deliver => ({
  async release(order, onEvent) {
    if (!repair.ready()) throw new LetterlockError('node-reconciling');
    const end = pace.delivering();
    try {
      await deliver.release(order, (event) => {
        if (event.type !== 'started' && event.type !== 'progress') end();
        onEvent(event);
      });
    } finally {
      end();
    }
  }
});
