import type {
  ClientState,
  ConnectionView,
  DeviceId,
  GrantId,
  Holder,
  InstallationView,
  JobId,
  JobView,
  PairingView,
  PrinterId,
  PrinterView,
  StationState
} from '../../src-preload/contract/index.ts';

/** Invented states of the engine, one for each thing a window must be able to show. For tests and for looking at the screens. */
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const device = (n: number) => uuid(n) as DeviceId;
const at = (now: number, minutes: number) => new Date(now + minutes * 60_000).toISOString();

const kestrel: Holder = { id: device(1), name: 'kestrel', alive: true };
const heron: Holder = { id: device(2), name: 'heron', alive: true };
const wren: Holder = { id: device(3), name: 'wren', alive: true };
const dead = (holder: Holder): Holder => ({ ...holder, alive: false });

export const printers: PrinterView[] = [
  { id: uuid(21) as PrinterId, name: 'Lobby', location: 'Ground floor', grade: 'ipps-required', secure: true },
  { id: uuid(22) as PrinterId, name: 'Workshop', location: 'Hall 3', grade: 'plain-allowed', secure: false },
  { id: uuid(23) as PrinterId, name: 'Archive', location: 'Basement', grade: 'ipps-required', secure: false }
];

let next = 100;
export const job = (now: number, fields: Partial<JobView> = {}): JobView => ({
  id: uuid(next++) as JobId,
  state: 'held',
  owner: 'ada',
  size: 2_431_090,
  created: at(now, -6),
  expires: at(now, 9 * 60),
  title: 'Quarterly report.pdf',
  holders: [kestrel, heron],
  safeToClose: true,
  inOutbox: false,
  custody: 'standard',
  documents: 1,
  facts: { pages: 12, color: true },
  ...fields
});

const online = (now: number): ConnectionView => ({
  coordinator: 'online',
  directoryAge: at(now, 0),
  nodes: [kestrel, heron, wren]
});
const offline = (now: number, nodes: Holder[]): ConnectionView => ({
  coordinator: 'offline',
  directoryAge: at(now, -47),
  nodes
});
const paired: PairingView = {
  state: 'paired',
  organization: 'Northwind Letterpress',
  coordinator: 'print.northwind.example:8631'
};

const unpaired: PairingView = { state: 'unpaired' };
const contacting: PairingView = {
  state: 'pairing',
  coordinator: 'print.northwind.example:8631',
  code: null,
  expires: null
};
const comparing = (now: number): PairingView => ({ ...contacting, code: '042917', expires: at(now, 9.4) });
const failedPairing = (code: 'pairing-rejected' | 'pairing-expired' | 'coordinator-unreachable'): PairingView => ({
  state: 'unpaired',
  failure: { code, message: '' }
});

const printerUri = 'ipp://127.0.0.1:46311/ipp/print';
const withInstallation = (now: number, installation: InstallationView): ClientState =>
  client(now, { virtualPrinter: { uri: printerUri, accepting: true, installation }, jobs: [job(now)] });

const client = (now: number, fields: Partial<ClientState> = {}): ClientState => ({
  device: { id: device(9), name: 'ada-laptop' },
  pairing: paired,
  owner: 'ada',
  connection: online(now),
  virtualPrinter: { uri: printerUri, accepting: true, installation: { state: 'installed', queue: 'Letterlock' } },
  printers,
  jobs: [],
  approvals: [],
  ...fields
});

const everyState = (now: number): JobView[] => [
  job(now, {
    state: 'sealing',
    title: 'Exhibition catalogue, second proof.pdf',
    size: 48_200_000,
    created: at(now, 0),
    holders: [],
    safeToClose: false,
    progress: { phase: 'sealing', bytes: 21_000_000, total: 48_200_000 }
  }),
  job(now, { title: 'Contract, Meyer & Daughters (signed copy for the archive in the basement, both annexes).pdf' }),
  job(now, {
    title: 'Boarding pass',
    size: 81_233,
    facts: { pages: 1, color: false },
    inOutbox: true,
    holders: [],
    safeToClose: false
  }),
  job(now, {
    state: 'printing',
    title: 'Payslips October.pdf',
    size: 9_120_000,
    printer: 'Lobby',
    progress: { phase: 'delivering', bytes: 6_500_000, total: 9_120_000 }
  }),
  job(now, { state: 'released', title: 'Minutes.odt', printer: 'Lobby', documents: 3, facts: {} }),
  job(now, {
    state: 'uncertain',
    title: 'Floor plan A3.pdf',
    printer: 'Workshop',
    failure: { code: 'job-uncertain', message: '', detail: 'connection lost after 1.2 MB' }
  }),
  job(now, {
    title: 'Invoice 2231.pdf',
    holders: [kestrel, dead(heron)],
    failure: { code: 'printer-unreachable', message: '' }
  }),
  job(now, { title: 'Poster.pdf', holders: [dead(kestrel), dead(heron)] }),
  job(now, { state: 'completed', title: 'Letter to the editor.odt', printer: 'Lobby', holders: [] }),
  job(now, { state: 'aborted', title: 'Broken.pdf', holders: [], failure: { code: 'seal-broken', message: '' } }),
  job(now, { state: 'canceled', title: 'Draft.txt', holders: [] }),
  job(now, { state: 'expired', title: null, holders: [], created: at(now, -3_000) })
];

export const clientStates = {
  unpaired: (now: number) => client(now, { pairing: unpaired, owner: null }),
  'pairing-contacting': (now: number) => client(now, { pairing: contacting, owner: null }),
  'pairing-code': (now: number) => client(now, { pairing: comparing(now), owner: null }),
  'pairing-rejected': (now: number) => client(now, { pairing: failedPairing('pairing-rejected'), owner: null }),
  'pairing-expired': (now: number) => client(now, { pairing: failedPairing('pairing-expired'), owner: null }),
  'pairing-failed': (now: number) => client(now, { pairing: failedPairing('coordinator-unreachable'), owner: null }),
  empty: (now: number) => client(now),
  held: (now: number) => client(now, { jobs: [job(now)] }),
  several: (now: number) =>
    client(now, {
      jobs: [
        job(now),
        job(now, { title: 'Invoice 2231.pdf', size: 184_300, created: at(now, -44), holders: [heron, wren] }),
        job(now, {
          state: 'completed',
          title: 'Letter to the editor.odt',
          size: 32_000,
          printer: 'Lobby',
          created: at(now, -190),
          holders: []
        })
      ]
    }),
  strict: (now: number) => {
    const strict = job(now, { title: 'Severance agreement.pdf', custody: 'strict', safeToClose: false });
    const approval = { id: uuid(31) as GrantId, job: strict.id, title: strict.title, printer: 'Lobby' };
    return client(now, {
      jobs: [strict],
      approvals: [{ ...approval, station: 'Lobby station', expires: at(now, 1.8) }]
    });
  },
  every: (now: number) => client(now, { jobs: everyState(now) }),
  sealing: (now: number) => client(now, { jobs: everyState(now).slice(0, 2) }),
  offline: (now: number) => client(now, { connection: offline(now, [kestrel, heron]), jobs: [job(now)] }),
  alone: (now: number) =>
    client(now, {
      connection: { ...online(now), nodes: [dead(kestrel), dead(heron), dead(wren)] },
      jobs: [job(now, { inOutbox: true, holders: [], safeToClose: false })]
    }),
  island: (now: number) =>
    client(now, {
      connection: offline(now, [dead(kestrel), dead(heron)]),
      jobs: [job(now, { inOutbox: true, holders: [], safeToClose: false })]
    }),
  'printer-refusing': (now: number) =>
    client(now, {
      virtualPrinter: {
        uri: printerUri,
        accepting: false,
        installation: { state: 'installed', queue: 'Letterlock' },
        failure: { code: 'storage-full', message: '' }
      }
    }),
  'printer-missing': (now: number) => withInstallation(now, { state: 'missing', queue: 'Letterlock' }),
  'printer-changed': (now: number) => withInstallation(now, { state: 'changed', queue: 'Letterlock' }),
  'printer-off': (now: number) => withInstallation(now, { state: 'off', queue: 'Letterlock' }),
  'printer-unsupported': (now: number) => withInstallation(now, { state: 'unsupported', queue: 'Letterlock' }),
  'printer-failed': (now: number) =>
    withInstallation(now, {
      state: 'failed',
      queue: 'Letterlock',
      failure: { code: 'not-allowed', message: '', detail: 'lpadmin' }
    }),
  'no-owner': (now: number) => client(now, { owner: null, printers: [], jobs: [job(now)] }),
  uncertain: (now: number) => client(now, { jobs: everyState(now).filter(({ state }) => state === 'uncertain') })
} satisfies Record<string, (now: number) => ClientState>;

const station = (now: number, fields: Partial<StationState> = {}): StationState => ({
  device: { id: device(8), name: 'Lobby station' },
  pairing: paired,
  connection: online(now),
  printers: printers.slice(0, 2),
  session: null,
  ...fields
});
const session = (now: number, jobs: JobView[], minutes = 2) => ({ user: 'ada', expires: at(now, minutes), jobs });

export const stationStates = {
  welcome: (now: number) => station(now),
  offline: (now: number) => station(now, { connection: offline(now, [dead(kestrel)]) }),
  'stands-in': (now: number) =>
    station(now, { connection: { ...offline(now, [kestrel, heron]), offlineUntil: at(now, 6 * 60) } }),
  unpaired: (now: number) => station(now, { pairing: unpaired }),
  'pairing-code': (now: number) => station(now, { pairing: comparing(now) }),
  none: (now: number) => station(now, { session: session(now, []) }),
  one: (now: number) => station(now, { printers: printers.slice(0, 1), session: session(now, [job(now)]) }),
  several: (now: number) =>
    station(now, {
      session: session(now, [
        job(now),
        job(now, { title: 'Invoice 2231.pdf', size: 184_300 }),
        job(now, { title: 'Contract, Meyer & Daughters (signed copy for the archive in the basement).pdf' }),
        job(now, { state: 'uncertain', title: 'Floor plan A3.pdf', failure: { code: 'job-uncertain', message: '' } })
      ])
    }),
  printing: (now: number) =>
    station(now, {
      session: session(
        now,
        everyState(now).filter(({ state }) => state === 'printing' || state === 'held')
      )
    }),
  approving: (now: number) =>
    station(now, {
      session: session(now, [
        job(now, { title: null, custody: 'strict', progress: { phase: 'approving', bytes: 0, total: null } })
      ])
    }),
  many: (now: number) =>
    station(now, {
      session: session(
        now,
        Array.from({ length: 40 }, (_, n) => job(now, { title: `Page ${n + 1}.pdf` }))
      )
    }),
  idle: (now: number) => station(now, { session: session(now, [job(now)], 0.3) })
} satisfies Record<string, (now: number) => StationState>;
