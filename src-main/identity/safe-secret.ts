/** Keeps private keys from being read out of their file by others: the OS keychain in the app, nothing but file modes headless. */
export interface SecretStore {
  protect(plain: Uint8Array): Promise<Uint8Array>;
  /** Throws `storage-damaged` when it cannot. */
  reveal(stored: Uint8Array): Promise<Uint8Array>;
}

/** Headless default: the file's mode (0600) is the protection. */
export const plainSecrets: SecretStore = {
  protect: async (plain) => plain,
  reveal: async (stored) => stored
};
