/** The two parts of `mdns-js` that browsing needs; the package has no types, and one network for everybody. */
declare module 'mdns-js/lib/networking.js' {
  import type { Socket } from 'node:dgram';
  import type { EventEmitter } from 'node:events';

  interface Networking extends EventEmitter {
    bindToAddress(error: Error | null, index: number, networkInterface: string, socket: Socket): void;
    stop(): void;
  }
  const Networking: new (options: { networkInterface: string }) => Networking;
  export default Networking;
}
declare module 'mdns-js/lib/browser.js' {
  import type { EventEmitter } from 'node:events';
  import type Networking from 'mdns-js/lib/networking.js';

  interface Browser extends EventEmitter {
    discover(): void;
    stop(): void;
  }
  const Browser: new (networking: InstanceType<typeof Networking>, serviceType: string) => Browser;
  export default Browser;
}
