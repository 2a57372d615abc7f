import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/**
 * An authenticator in software (Web Authentication Level 3, section 6): makes an ES256 key for a host and answers challenges
 * with it, as a browser passes it on. What it says can be changed, so that a wrong one can be tried.
 */
export interface TestAuthenticator {
  create(options: Ceremony, change?: Partial<Circumstances>): object;
  get(options: Ceremony, change?: Partial<Circumstances>): object;
  counter: number;
}
interface Circumstances {
  /** What the browser says where it is. */
  readonly origin: string;
  readonly host: string;
  /** Whether the person was recognized (PIN, finger). */
  readonly verified: boolean;
}
/** What the coordinator gave: creation or request options. */
export type Ceremony = Record<string, unknown>;

export function createAuthenticator(circumstances: Circumstances): TestAuthenticator {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(16);

  const clientData = (type: string, { challenge }: Ceremony, { origin }: Circumstances) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const authenticatorData = ({ host, verified }: Circumstances, attested?: Buffer) => {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(self.counter);
    const flags = 0x01 | (verified ? 0x04 : 0) | (attested ? 0x40 : 0);
    return Buffer.concat([sha256(Buffer.from(host)), Buffer.from([flags]), counter, attested ?? Buffer.alloc(0)]);
  };
  const credential = (response: object) => ({
    id: id.toString('base64url'),
    rawId: id.toString('base64url'),
    type: 'public-key',
    clientExtensionResults: {},
    response
  });

  const self: TestAuthenticator = {
    counter: 1,
    create(options, change = {}) {
      const now = { ...circumstances, ...change };
      const { x, y } = publicKey.export({ format: 'jwk' });
      const coordinate = (text = '') => Buffer.concat([Buffer.from([0x58, 0x20]), Buffer.from(text, 'base64url')]);
      // COSE_Key { 1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y }
      const cose = Buffer.concat([
        Buffer.from('a5010203262001', 'hex'),
        Buffer.from([0x21]),
        coordinate(x),
        Buffer.from([0x22]),
        coordinate(y)
      ]);
      const data = authenticatorData(now, Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, cose]));
      // { fmt: "none", attStmt: {}, authData: bytes }
      const attestationObject = Buffer.concat([
        Buffer.from('a363666d74646e6f6e656761747453746d74a0686175746844617461', 'hex'),
        Buffer.from([0x58, data.length]),
        data
      ]);
      return credential({
        clientDataJSON: clientData('webauthn.create', options, now).toString('base64url'),
        attestationObject: attestationObject.toString('base64url'),
        transports: ['internal']
      });
    },
    get(options, change = {}) {
      const now = { ...circumstances, ...change };
      const data = authenticatorData(now);
      const client = clientData('webauthn.get', options, now);
      return credential({
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: sign('sha256', Buffer.concat([data, sha256(client)]), privateKey).toString('base64url')
      });
    }
  };
  return self;
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
