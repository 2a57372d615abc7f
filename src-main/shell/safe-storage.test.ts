import { expect, it } from 'vitest';
import { createLogger, silentLogger } from '../base/logger.ts';
import { openSecretVault } from './safe-storage.ts';

const secret = Uint8Array.from({ length: 32 }, (_, index) => index * 8);

/** Turns every character by one: enough to see what was encrypted. */
const keychain = (backend: string, available = true) => ({
  isEncryptionAvailable: () => available,
  getSelectedStorageBackend: () => backend as 'gnome_libsecret',
  encryptString: (text: string) => Buffer.from([...text].map((c) => c.charCodeAt(0) + 1)),
  decryptString: (bytes: Buffer) => {
    if (bytes.length % 4) throw new Error('damaged');
    return String.fromCharCode(...[...bytes].map((c) => c - 1));
  }
});

it('uses the keychain where there is one, and opens what it kept', () => {
  const vault = openSecretVault(keychain('gnome_libsecret'), { platform: 'linux', logger: silentLogger });
  const kept = vault.protect(secret);
  expect(Buffer.from(kept).includes(Buffer.from(secret))).toBe(false);
  expect(Uint8Array.from(vault.reveal(kept))).toEqual(secret);
});

it.each([
  ['basic_text', true],
  ['gnome_libsecret', false]
] as const)('keeps bytes as they are with backend %s, available %s, and warns once', (backend, available) => {
  const lines: string[] = [];
  const logger = createLogger({ destination: { write: (line) => void lines.push(line) } });
  const vault = openSecretVault(keychain(backend, available), { platform: 'linux', logger });
  expect(vault.protect(secret)).toEqual(secret);
  expect(vault.reveal(vault.protect(secret))).toEqual(secret);
  expect(lines).toHaveLength(1);
});

it('opens what was kept without a keychain, and refuses what the keychain cannot open', () => {
  const vault = openSecretVault(keychain('gnome_libsecret'), { platform: 'linux', logger: silentLogger });
  expect(vault.reveal(secret)).toEqual(secret);
  const damaged = vault.protect(secret).slice(0, -1);
  expect(() => vault.reveal(damaged)).toThrow(expect.objectContaining({ code: 'storage-damaged' }));
});
