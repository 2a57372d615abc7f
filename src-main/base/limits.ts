/** Every bound in one place. Checked before memory is taken; the unit is in the name or bytes. */
export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;

export const limits = {
  /** Whole attribute part of an IPP message. */
  ippHeader: 1 * MiB,
  ippAttributes: 4096,
  ippValuesPerAttribute: 4096,
  ippCollectionDepth: 8,
  ippConnections: 64,
  /** A document, and with it a blob. */
  document: 64 * GiB,
  manifest: 16 * KiB,
  /** Sealed title and IPP attributes. */
  metadata: 1 * MiB,
  /** Any JSON body of the device API, the mesh and the control channel. */
  jsonBody: 2 * MiB,
  /** One line of a newline-delimited JSON stream. */
  jsonLine: 4 * MiB,
  csr: 16 * KiB,
  nameLength: 128,
  pinMin: 4,
  pinMax: 32,
  pairingRequests: 200,
  pairingSeconds: 600,
  sessionSeconds: 120,
  grantSeconds: 30,
  grantSecondsMax: 120,
  /** Wrong PINs before a lockout, and its first length; it doubles. */
  pinTries: 5,
  pinLockSeconds: 60,
  stalledTransferSeconds: 30,
  connectSeconds: 5
} as const;
