import { randomInt } from 'node:crypto';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import { linksFor } from './links.ts';
import { openDiscovery } from './multicast-discovery.ts';
import { discoveryCompliance } from './testing/compliance.ts';

/** On loopback, away from the port on which real responders are. */
const port = randomInt(20_000, 60_000);
const open = () => openDiscovery({ links: linksFor('127.0.0.1'), port, clock: systemClock, logger: silentLogger });

discoveryCompliance({
  adapter: 'multicast-dns',
  cannot: [],
  open,
  peer: open,
  network: () => ({ port, address: '127.0.0.1' })
});
