/** How often, how long, how many. Times in milliseconds. docs/spec/mesh.md says where each comes from. */
export const swim = {
  /**
   * Between two probes of one node, while somebody is suspect or this node doubts itself. In quiet times it takes `roundCalm` for all that it
   * watches, and at most `probeCalm` between two. Whatever the size of the mesh, a node sends one probe and gets about one in this time.
   */
  probeEvery: 200,
  probeCalm: 400,
  roundCalm: 1600,
  /** For a direct answer, and for one by way of others. Both times the local health, up to `probeFactor`. */
  directAnswer: 100,
  indirectAnswer: 200,
  probeFactor: 4,
  relays: 3,
  /** Whom a node watches: as many others watch it. */
  rings: 8,
  /** How long a suspect may take to object: with enough who suspect it, and with one. Both times the local health. */
  suspicionLeast: 600,
  suspicionMost: 3000,
  /** Besides the first, until the least time counts. */
  confirmations: 3,
  /** Members under suspicion at once on the word of one node. */
  suspicionsOfOne: 16,
  /** Local health (Lifeguard): 0 is well; answers in time that it takes to get better by one. */
  worstHealth: 8,
  answersToRecover: 10,
  /** A timer that runs so much too late has slept with its machine. */
  stall: 1000,
  syncEvery: 5000,
  syncAlone: 1000,
  /** Changes passed on with one message, and how often each: times the logarithm (base 2) of the size. */
  rumours: 16,
  retransmissions: 3,
  /** Bad news is gathered so long before a few others are told: no node makes another tell more often. */
  spreadAfter: 25,
  /** Conditions are told at most so often. */
  conditionEvery: 1000,
  goodbye: 1000,
  /** How often it is looked who listens at the addresses that an administrator gave. */
  fixedEvery: 30_000
} as const;
