/** Every bound in one place. Checked before memory is taken; the unit is in the name or bytes. */
export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;

export const limits = {
  /** Whole attribute part of an IPP message. */
  ippHeader: 1 * MiB,
  ippGroups: 4096,
  /** In one group or one collection. */
  ippAttributes: 4096,
  ippValuesPerAttribute: 4096,
  /** In a whole message, members of collections included. */
  ippValues: 32_768,
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
  /** What somebody who is not known yet may send at once, and how many of them may be connected. */
  strangerBody: 64 * KiB,
  strangerConnections: 512,
  csr: 16 * KiB,
  nameLength: 128,
  pinMin: 4,
  pinMax: 32,
  pairingRequests: 200,
  pairingSeconds: 600,
  sessionSeconds: 120,
  /** An administrator's, of idleness. */
  adminSessionSeconds: 1800,
  /** Signed-in users at once, and names or machines whose wrong tries are remembered. */
  sessions: 10_000,
  lockoutEntries: 10_000,
  /** Sign-ins of one name or one machine that wait for each other. */
  waitingTries: 50,
  /** Event streams that one device may hold open, and bytes that may wait in one before it is cut. */
  eventStreams: 8,
  eventBacklog: 8 * MiB,
  /** Jobs of one device that are not final; jobs in one list. */
  openJobs: 1000,
  listedJobs: 500,
  /** A started release whose node is gone is called uncertain after so long. */
  lostNodeSeconds: 60,
  grantSeconds: 30,
  grantSecondsMax: 120,
  /** Wrong PINs before a lockout, and its first length; it doubles. */
  pinTries: 5,
  pinLockSeconds: 60,
  stalledTransferSeconds: 30,
  /** How long a peer may take to make a whole upload durable once the last byte was sent. */
  durableSeconds: 120,
  /** A node's staged uploads per device, and how long one that is complete waits for its commit. */
  stagedUploads: 16,
  stagedSeconds: 600,
  /** Free space that a node leaves alone, so that it can still write what erasing and reporting need. */
  diskReserve: 64 * MiB,
  /** The longest that a job may be held, whatever its manifest says. */
  holdHours: 168,
  /** How long a delivery waits for a busy printer, and how long it watches a job that the printer has. */
  printerBusySeconds: 300,
  printerWatchHours: 12,
  /** How long a printer that went silent in the middle is asked what became of the job. */
  printerSettleSeconds: 60,
  /** How long it has to abort a job whose document broke off, before it is told to. */
  printerAbortSeconds: 5,
  /** How long a node remembers grants that it has used. */
  grantMemoryHours: 720,
  connectSeconds: 5
} as const;
