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
  /** Of a printer server: in all, of one address, and requests at once on one of them. */
  ippConnections: 128,
  ippConnectionsPerPeer: 64,
  ippRequestsPerConnection: 8,
  /** Jobs of a printer server whose documents have not all come: in all, and of one user. As many as there may be connections. */
  ippOpenJobs: 128,
  ippOpenJobsPerUser: 64,
  ippSubscriptions: 256,
  ippSubscriptionsPerUser: 32,
  /** Events that one subscription keeps for whoever fetches them; requests that may wait for events. */
  ippEventsKept: 100,
  ippEventWaits: 32,
  /** A document, and with it a blob. */
  document: 64 * GiB,
  manifest: 16 * KiB,
  documentsPerJob: 100,
  /**
   * Reading pages, paper and colour from a PDF: bytes outside of streams, of one stream, of one stream decoded, and decoded in all
   * of structure and of what pages draw; then pages and page tree nodes, and how often it was saved by appending.
   */
  pdfStructure: 64 * MiB,
  pdfStream: 1 * MiB,
  pdfDecodedStream: 2 * MiB,
  pdfDecodedStructure: 32 * MiB,
  pdfDecodedContent: 16 * MiB,
  pdfPages: 20_000,
  pdfRevisions: 1000,
  /**
   * Watermarks: characters of the text with all names in it; bytes of a job that can be stamped, as they came and as they leave; what
   * may be decoded of one document's structure; JavaScript heap, in MiB, and time that one document may take.
   */
  watermarkText: 240,
  watermarkBytes: 64 * MiB,
  watermarkStamped: 192 * MiB,
  watermarkDecoded: 128 * MiB,
  watermarkHeapMiB: 512,
  watermarkSeconds: 60,
  /** What one printer says of itself: bytes, and how long a node's report stands before another one counts. */
  capabilities: 24 * KiB,
  capabilitiesSeconds: 60,
  /** The same of all printers in the directory, which as a whole has to fit into a JSON body. */
  directoryCapabilities: 512 * KiB,
  /** Sealed title and IPP attributes. */
  metadata: 1 * MiB,
  /** Machines named in one word that they are approved no more; of more at once the directory tells. */
  droppedDevices: 256,
  /** Any JSON body of the device API, the mesh and the control channel. */
  jsonBody: 2 * MiB,
  /** One line of a newline-delimited JSON stream. */
  jsonLine: 4 * MiB,
  /** What somebody who is not known yet may send at once, and how many of them may be connected. */
  strangerBody: 64 * KiB,
  strangerConnections: 512,
  /** Of the pairing listener, from one address. TLS handshakes under way at one listener: in all, and from one address. */
  pairingConnectionsPerAddress: 64,
  handshakes: 256,
  handshakesPerAddress: 64,
  csr: 16 * KiB,
  nameLength: 128,
  pinMin: 4,
  pinMax: 32,
  /** In all: so many of strangers, and so many more of those who bring a valid token; of strangers from one network. */
  pairingRequests: 200,
  pairingRequestsPerNetwork: 25,
  pairingSeconds: 600,
  sessionSeconds: 120,
  /** How long a machine that cannot reach the coordinator goes by the newest directory that it has seen. */
  directoryHours: 168,
  /** A sign-in in a browser: of idleness, in all, and how long a proof of who it is stands for dangerous acts. */
  webSessionIdleSeconds: 1800,
  webSessionSeconds: 12 * 3600,
  webProofSeconds: 300,
  /** Of one administrator or user; one more ends the one not used for longest. */
  webSessions: 20,
  /** Half-done second factors and passkeys: how long, and how many at once. */
  ceremonySeconds: 120,
  ceremonies: 1000,
  /** A single sign-on that was begun; what the provider answers: bytes and time; sign-ons and links at once. */
  signOnSeconds: 600,
  providerAnswer: 512 * KiB,
  providerSeconds: 10,
  providerMemorySeconds: 600,
  signOnsAtOnce: 32,
  ssoLinks: 1000,
  passkeys: 20,
  administrators: 200,
  apiTokens: 200,
  /** Changes that a browser which lost its connection can catch up on. */
  changesKept: 1000,
  /** Checkpoints of the audit log that a machine keeps, and how long one waits so that others may go with it. */
  auditCopies: 256,
  auditCopySeconds: 5,
  /** Receivers of the audit log; rows that are sent in one go; how long a receiver may take for them. */
  auditForwards: 16,
  auditForwardRows: 200,
  auditForwardSeconds: 30,
  /** Of one user. */
  badges: 5,
  delegates: 20,
  delegateDays: 366,
  guests: 10,
  userGroups: 2000,
  /** Rules of the policy; refusals of one machine or user that are written down in a minute. */
  policyRules: 500,
  /** Each stands in the directory with its keys. */
  sites: 200,
  policyRefusalsPerMinute: 30,
  /** What somebody sends who accepts an invitation. */
  invitationForm: 4 * KiB,
  /** Mails: how long a mail server may take for one, how many are under way at once, and how many more may wait. */
  mailSeconds: 30,
  mailsAtOnce: 8,
  mailsWaiting: 200,
  /** Links that sign in: how long one works; how many may be open of one user and address, and be asked for from one network meanwhile. */
  signInLinkSeconds: 600,
  signInLinks: 3,
  signInLinksPerNetwork: 30,
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
  /**
   * Releases without the coordinator. A capsule, sealed, in bytes; how often a station renews it; claims that a node remembers, and
   * asks the coordinator about at once; how long a node waits for a voter; how far a station's clock may be behind what it has seen.
   */
  capsule: 1536 * KiB,
  capsuleRenewSeconds: 300,
  claims: 100_000,
  /** Uncertain releases of one job that a grant for a second copy names: the newest. */
  followedGrants: 16,
  openClaims: 1000,
  claimSeconds: 5,
  clockBackSeconds: 300,
  /** A started release whose node is gone is called uncertain after so long. */
  lostNodeSeconds: 60,
  grantSeconds: 30,
  grantSecondsMax: 120,
  /** How long a release waits for the owner's word on the device that keeps the job part, and how many may wait for one device. */
  approvalSeconds: 120,
  approvalsPerDevice: 20,
  /** How long a release ticket works at the most. */
  ticketSeconds: 86_400,
  /** Wrong PINs before a lockout, and its first length; it doubles. */
  pinTries: 5,
  pinLockSeconds: 60,
  stalledTransferSeconds: 30,
  /** How long a peer may take to make a whole upload durable once the last byte was sent. */
  durableSeconds: 120,
  /** A node's staged uploads per device, and how long one that is complete waits for its commit. */
  stagedUploads: 16,
  stagedSeconds: 600,
  /**
   * Repair between nodes. How long a holder may be gone before it is replaced: while another one is awake, and when this node holds
   * the only copy that is awake. Laptops sleep in meetings and over lunch: with two awake copies nobody hurries, with one a minute
   * rides out a restart. The surplus that comes of it stays, so that a laptop that sleeps every day costs one copy, not one a day.
   */
  healSeconds: 1800,
  healLastSeconds: 60,
  /** By so much each further holder waits longer, and how long one waits after it failed. */
  healTurnSeconds: 30,
  healAgainSeconds: 120,
  /**
   * Copies that a node sends at once, and the share of the time that it may be at work, on whatever, while it sends them. What is
   * released goes first by other means: copies stand still while a delivery runs. The share is for submits and for whoever sits at the
   * machine. A node that waits for the network, the disk or the other side leaves it free as it is, so that only a busy one rests.
   */
  healTransfers: 2,
  healShare: 0.8,
  /** Holders of one job that a node keeps in mind; statements in one message; ids in one answer. */
  holdersPerJob: 8,
  repairPage: 64,
  repairIds: 256,
  /** How often a node compares what it knows with another one, and how long it waits for one answer. */
  syncSeconds: 60,
  syncAnswerSeconds: 10,
  /** Repair messages of one node: so many at once, and then so many in a second. */
  syncBurst: 100,
  syncPerSecond: 5,
  /** How long a node that comes back looks for somebody who knows what was erased meanwhile, before it serves all the same. */
  reconcileSeconds: 600,
  /** Orders to erase that a node keeps for holders that are away: of how many jobs, and how many nodes are asked to for one job. */
  witnessedOrders: 20_000,
  witnesses: 3,
  /** Each replica is read through once in this time. */
  scrubSeconds: 86_400,
  /** Bytes of a replica that another holder may want proven, and how long one that fails is not believed about this job. */
  proofBytes: 64 * KiB,
  distrustSeconds: 3600,
  /** Free space that a node leaves alone, so that it can still write what erasing and reporting need. */
  diskReserve: 64 * MiB,
  /** A machine on battery below this counts as about to go. */
  lowBatteryPercent: 15,
  /** How old may be what a node says of its power and of its free space, and of how many hours it knows whether it was awake. */
  powerReadSeconds: 120,
  spaceReadSeconds: 5,
  awakeHours: 168,
  /**
   * Messages about members: bytes; how long one may take; those under way to one node; of one node so many at once, and then so
   * many in a second. Addresses that are kept of one node besides the directory's.
   */
  gossip: 128 * KiB,
  gossipSeconds: 2,
  gossipsAtOnce: 4,
  gossipBurst: 100,
  gossipPerSecond: 40,
  /**
   * Channels for them: one where an answer takes longer gets no more questions, a new one does; of one node so many at once.
   * Without a message they end after so long (at the answering side half as long again). A node that knows of none is asked again.
   */
  gossipLateSeconds: 0.4,
  gossipChannels: 4,
  gossipIdleSeconds: 60,
  gossipUpgradeSeconds: 60,
  foundAddresses: 4,
  /** Members that a node reports to the coordinator, and how often it does at most. */
  reportedMembers: 1000,
  reportSeconds: 10,
  /** How long a node hands over before it stops, before it sleeps (logind waits 5 s), and on its last battery. */
  stopLeaveSeconds: 10,
  sleepLeaveSeconds: 4,
  batteryLeaveSeconds: 600,
  /** The longest that a job may be held, whatever its manifest says. */
  holdHours: 168,
  /** How long a delivery waits for a busy printer, and how long it watches a job that the printer has. */
  printerBusySeconds: 300,
  printerWatchHours: 12,
  /** How long a printer that went silent in the middle is asked what became of the job. */
  printerSettleSeconds: 60,
  /** How long a document waits in the middle for a printer that says that it needs somebody, or that it is at work. */
  printerAttentionSeconds: 1800,
  /** How long it has to abort a job whose document broke off, before it is told to. */
  printerAbortSeconds: 5,
  /** How long a node remembers grants that it has used. */
  grantMemoryHours: 720,
  /** How long the print system of the operating system may take for one answer, or to read what our printer can do. */
  printSystemSeconds: 30,
  connectSeconds: 5,
  /** One statement of a database server, or one wait for another transaction there. */
  databaseSeconds: 30,
  /** How long the other coordinators may take to put the next content of a key file on their disks. */
  keySpreadSeconds: 10,
  /** One notice of a coordinator to the others: PostgreSQL takes less than 8,000 bytes. */
  notice: 7900,
  /** Multicast DNS: one datagram (RFC 6762 section 17) and the records in it; datagrams read in a second. */
  mdnsMessage: 9000,
  mdnsMessageRecords: 500,
  mdnsPerSecond: 1000,
  mdnsPerSenderSecond: 100,
  mdnsSenders: 1024,
  /** What browsing remembers of one link: services of the type asked for, addresses of one of them. */
  mdnsServices: 500,
  mdnsAddresses: 16
} as const;
