import type { ClientState, Failure, JobView, PrinterView, StationState } from '../../src-preload/contract/index.ts';

/** States as an engine would send them, for screens that are slow or hard to bring about for real. Plain JSON: ids are not branded. */
type Plain<T> = T extends string ? string : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
const [north, south, attic] = [
  { id: id(11), name: 'North corridor', alive: true },
  { id: id(12), name: 'South corridor', alive: true },
  { id: id(13), name: 'Attic server', alive: false }
];
const failure = (code: string, message: string): Plain<Failure> => ({ code, message });

const printers: Plain<PrinterView>[] = [
  { id: id(21), name: 'Office A3', location: 'second floor', grade: 'ipps-required', secure: true },
  { id: id(22), name: 'Old label printer', location: 'storeroom', grade: 'plain-allowed', secure: false },
  { id: id(23), name: 'Workshop', location: 'yard', grade: 'ipps-required', secure: false }
];

const job = (n: number, title: string | null, more: Partial<Plain<JobView>> = {}): Plain<JobView> => ({
  id: id(100 + n),
  state: 'held',
  owner: 'ada',
  size: 48_128 * n * n + 911,
  created: at(-7 * n),
  expires: at(60 * 24 - n),
  title,
  holders: [north, south],
  safeToClose: true,
  inOutbox: false,
  custody: 'standard',
  documents: 1,
  facts: { pages: 3 * n, color: n % 2 === 0 },
  ...more
});

const outOfReach = (one: Plain<JobView>): Plain<JobView> => ({
  ...one,
  holders: one.holders.map((holder) => ({ ...holder, alive: false }))
});

/** Made anew for each use: its times are relative to now. */
export function screenStates() {
  const jobs = [
    job(1, 'Board minutes November.pdf'),
    job(
      2,
      'A title so long that it does not fit into one line, as titles of exported web pages are, and still goes on.pdf'
    ),
    job(3, 'Drawing of the bridge.pdf', {
      state: 'sealing',
      holders: [],
      safeToClose: false,
      progress: { phase: 'sending', bytes: 41_000_000, total: 120_000_000 }
    }),
    job(4, 'Payslip.pdf', { inOutbox: true, holders: [], safeToClose: false }),
    job(5, 'Contract.pdf', {
      state: 'printing',
      printer: 'Office A3',
      progress: { phase: 'delivering', bytes: 700_000, total: null }
    }),
    job(6, 'Exam questions.pdf', {
      state: 'uncertain',
      printer: 'Office A3',
      failure: failure('job-uncertain', 'It is not certain whether this job was printed.')
    }),
    job(7, null, { holders: [attic], safeToClose: false }),
    job(8, 'Travel expenses.pdf', { state: 'completed', printer: 'Office A3', holders: [] }),
    job(9, 'Draft.pdf', { state: 'canceled', holders: [] }),
    job(10, 'Plan.pdf', {
      state: 'aborted',
      holders: [],
      failure: failure('seal-broken', 'The sealed job was damaged or changed.')
    })
  ];

  const device = { id: id(1), name: 'Ada’s laptop' };
  const paired = {
    state: 'paired',
    organization: 'Acme',
    coordinator: 'https://coordinator.example.org:8630'
  } as const;
  const online = { coordinator: 'online', directoryAge: at(-1), nodes: [north, south, attic] } as const;
  const offline = {
    coordinator: 'offline',
    directoryAge: at(-95),
    nodes: [north, south, attic].map((node) => ({ ...node, alive: false }))
  } as const;

  const printer = { uri: 'ipp://127.0.0.1:8631/ipp/print', accepting: true };

  const client: Plain<ClientState> = {
    device,
    pairing: paired,
    owner: 'ada',
    connection: { ...online, nodes: [...online.nodes] },
    virtualPrinter: { ...printer, installation: { state: 'installed', queue: 'Letterlock' } },
    printers,
    jobs,
    approvals: []
  };
  const station: Plain<StationState> = {
    device: { id: id(2), name: 'Station second floor' },
    pairing: paired,
    connection: { ...online, nodes: [...online.nodes] },
    printers,
    session: null
  };
  const comparing = {
    state: 'pairing',
    coordinator: 'coordinator.example.org:8632',
    code: '042917',
    expires: at(9)
  } as const;
  const refused = failure('pairing-rejected', 'The pairing request was rejected.');

  const clientStates = {
    unpaired: { ...client, device: { ...device, id: null }, pairing: { state: 'unpaired' }, jobs: [] },
    'pairing-refused': {
      ...client,
      device: { ...device, id: null },
      pairing: { state: 'unpaired', failure: refused },
      jobs: []
    },
    'pairing-code': { ...client, pairing: comparing, jobs: [] },
    empty: { ...client, jobs: [] },
    queue: client,
    'strict-custody': {
      ...client,
      jobs: [job(1, 'Salaries.pdf', { custody: 'strict', safeToClose: false }), job(2, 'Lunch menu.pdf')]
    },
    approval: {
      ...client,
      approvals: [
        {
          id: id(31),
          job: id(101),
          title: jobs[0]?.title ?? null,
          printer: 'Office A3',
          station: 'Hall',
          expires: at(2)
        }
      ]
    },
    'approval-delegate': {
      ...client,
      approvals: [
        {
          id: id(32),
          job: id(101),
          title: jobs[0]?.title ?? null,
          printer: 'Office A3',
          station: 'Hall',
          delegate: 'Grace Hopper',
          expires: at(2)
        }
      ]
    },
    offline: { ...client, connection: { ...offline, nodes: [...offline.nodes] }, jobs: jobs.map(outOfReach) },
    'printer-refuses': {
      ...client,
      owner: null,
      jobs: [],
      virtualPrinter: {
        uri: null,
        accepting: false,
        failure: failure('storage-full', 'There is not enough space.'),
        installation: null
      }
    },
    'printer-not-added': {
      ...client,
      virtualPrinter: { ...printer, installation: { state: 'missing', queue: 'Letterlock' } }
    },
    'printer-not-addable': {
      ...client,
      virtualPrinter: {
        ...printer,
        installation: {
          state: 'failed',
          queue: 'Letterlock',
          failure: failure('not-allowed', 'You may not do this.')
        }
      }
    }
  } satisfies Record<string, Plain<ClientState>>;

  const signedIn = (session: readonly Plain<JobView>[], minutes = 2): Plain<StationState> => ({
    ...station,
    session: { user: 'ada', expires: at(minutes), jobs: [...session] }
  });

  const stationStates = {
    unpaired: { ...station, device: { ...device, id: null }, pairing: { state: 'unpaired' } },
    'pairing-code': { ...station, pairing: comparing },
    welcome: station,
    offline: { ...station, connection: { ...offline, nodes: [...offline.nodes] } },
    'stands-in': {
      ...station,
      connection: { ...offline, nodes: [...online.nodes], offlineUntil: at(60 * 6) }
    },
    documents: signedIn(jobs.filter(({ state }) => state === 'held' || state === 'uncertain')),
    'strict-custody': signedIn([
      job(1, null, { custody: 'strict', progress: { phase: 'approving', bytes: 0, total: null } }),
      job(2, null, {
        custody: 'strict',
        failure: failure(
          'approval-unavailable',
          'This document is in strict custody, and the computer that printed it is not connected.'
        )
      }),
      job(3, 'Salaries.pdf', { custody: 'strict', ticket: true })
    ]),
    nothing: signedIn([]),
    'idle-warning': signedIn(jobs.slice(0, 2), 0.3)
  } satisfies Record<string, Plain<StationState>>;

  return { client: clientStates, station: stationStates };
}
