import type { SafeStorage } from 'electron';
import { LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { SecretVault } from './engine-link.ts';

/** In front of what the keychain encrypted. Bytes without it are as they were given, so a machine set up headless opens too. */
const mark = Buffer.from('LLKEYCH1');

/**
 * Secrets under the operating system's keychain. Where there is none (Chromium then calls its backend `basic_text`, a password
 * known to everybody) bytes stay as they are, protected by file mode 0600 alone, and the log says so.
 */
export function openSecretVault(
  safeStorage: Pick<SafeStorage, 'isEncryptionAvailable' | 'encryptString' | 'decryptString'> &
    Partial<Pick<SafeStorage, 'getSelectedStorageBackend'>>,
  { platform, logger }: { platform: NodeJS.Platform; logger: Logger }
): SecretVault {
  let checked: boolean | undefined;
  const available = () => {
    if (checked === undefined) {
      const backend = platform === 'linux' ? safeStorage.getSelectedStorageBackend?.() : 'system';
      checked = safeStorage.isEncryptionAvailable() && backend !== 'basic_text' && backend !== 'unknown';
      if (!checked)
        logger.warn({ backend }, 'no keychain: keys of this machine are protected by file permissions only');
    }
    return checked;
  };
  return {
    protect(bytes) {
      if (!available()) return bytes;
      return Buffer.concat([mark, safeStorage.encryptString(Buffer.from(bytes).toString('base64'))]);
    },
    reveal(bytes) {
      const stored = Buffer.from(bytes);
      if (!stored.subarray(0, mark.length).equals(mark)) return bytes;
      try {
        return Buffer.from(safeStorage.decryptString(stored.subarray(mark.length)), 'base64');
      } catch (error) {
        throw new LetterlockError('storage-damaged', 'the keychain cannot open a key of this machine', {
          cause: error
        });
      }
    }
  };
}
