import type { AttemptState, JobState } from '../coordinator/job-state.ts';

/** The tables as kysely sees them; migrations/ makes them. Times are milliseconds, yes and no are 1 and 0, lists are JSON. */
export interface Schema {
  schema_version: { number: number; applied: number };
  organization: {
    /** Always 1: there is one. */
    one: number;
    id: string;
    name: string;
    site: string;
    coordinator: string;
    policy: string;
    directory_version: number;
    created: number;
    key_rotation_days: number;
    user_rules: string;
  };
  admin: {
    name: string;
    password_hash: string;
    role: 'owner' | 'operator' | 'auditor';
    password: 'initial' | 'temporary' | 'own';
    totp: Uint8Array | null;
    totp_step: number;
    created: number;
    last_sign_in: number | null;
  };
  admin_recovery_code: { admin: string; hash: string };
  admin_passkey: {
    id: string;
    admin: string;
    name: string;
    host: string;
    public_key: Uint8Array;
    counter: number;
    transports: string;
    created: number;
    last_used: number | null;
  };
  web_session: {
    id: string;
    token_hash: string;
    kind: 'admin' | 'user';
    subject: string;
    created: number;
    last_used: number;
    proved: number;
    address: string;
    agent: string;
  };
  api_token: {
    id: string;
    name: string;
    token_hash: string;
    scopes: string;
    created_by: string;
    created: number;
    expires: number;
    last_used: number | null;
  };
  device: {
    id: string;
    name: string;
    roles: string;
    status: 'approved' | 'revoked';
    signing: string;
    sealing: string;
    url: string | null;
    cloud: number;
    owner: string | null;
    certificate_expires: number;
    created: number;
    certificate_authority: string | null;
    site: string;
    moved_from: string | null;
    moved: number | null;
  };
  user: {
    id: string;
    name: string;
    name_key: string;
    status: 'active' | 'suspended';
    pin_hash: string | null;
    created: number;
    email: string | null;
    external_id: string | null;
    removed: number | null;
    expires: number | null;
    host: string | null;
  };
  user_group: {
    id: string;
    name: string;
    name_key: string;
    external_id: string | null;
    created: number;
    source: 'local' | 'directory';
  };
  invitation: {
    id: string;
    user_id: string;
    email: string | null;
    secret_hash: string;
    created: number;
    expires: number;
    mailed_to: string | null;
  };
  delegate: { owner: string; user_id: string; until: number; created: number };
  user_group_member: { group_id: string; user_id: string };
  badge: { id: string; user_id: string; hash: string; created: number; last_used: number | null };
  sso_provider: { one: number; settings: string; secret: Uint8Array | null };
  mail_server: { one: number; settings: string; password: Uint8Array | null };
  confirmed_email: { user_id: string; email: string; confirmed: number };
  sign_in_link: { secret_hash: string; browser_hash: string; user_id: string; email: string; expires: number };
  sso_link: {
    id: string;
    kind: 'admin' | 'user';
    issuer: string;
    subject: string;
    account: string;
    created: number;
    last_sign_in: number | null;
  };
  printer: {
    id: string;
    name: string;
    location: string;
    uri: string;
    status: 'pending' | 'approved' | 'removed';
    grade: 'ipps-required' | 'ipps-preferred' | 'plain-allowed';
    certificate_sha256: string | null;
    certificate_subject: string | null;
    certificate_expires: number | null;
    capabilities: string | null;
    site: string;
  };
  token: {
    id: string;
    secret_hash: string;
    roles: string;
    uses: number;
    max_uses: number;
    expires: number;
    owner: string | null;
    revoked: number;
    cloud: number;
    site: string;
  };
  release_key: { epoch: number; public_key: string; created: number; destroyed: number | null; site: string };
  release_key_secret: { epoch: number; wrapped: Uint8Array };
  key_file: { name: string; fingerprint: string };
  job: {
    id: string;
    owner: string;
    device: string;
    size: number;
    created: number;
    expires: number;
    delivery_grade: 'ipps-required' | 'ipps-preferred' | 'plain-allowed';
    manifest: string;
    closed: 'canceled' | 'expired' | null;
    state: JobState;
    fence: number;
    printer: string | null;
    code: string | null;
    updated: number;
    epoch: number | null;
  };
  suspension: { subject: string; since: number };
  job_part: { job: string; wrapped: Uint8Array };
  holder: { job: string; node: string; receipt: string; erased: number | null };
  erase_order: { job: string; signed: string };
  release_grant: {
    id: string;
    job: string;
    node: string;
    printer: string;
    user: string;
    requested_by: string;
    fence: number;
    issued: number;
    expires: number;
    state: AttemptState;
    delivered: number;
    printer_job: number | null;
  };
  policy_version: {
    version: number;
    created: number;
    author: string;
    reason: string;
    settings: string;
    rules: string;
  };
  page_count: {
    grant_id: string;
    job: string;
    user_id: string;
    printer: string;
    month: string;
    pages: number | null;
    counted_by: 'printer' | 'document' | null;
    color: number;
    cost: number;
  };
  audit: {
    sequence: number;
    time: number;
    actor: string;
    action: string;
    subject: string;
    detail: string;
    hash: string;
  };
  audit_checkpoint: { sequence: number; signed: string };
  station_session: { token_hash: string; user_id: string; device: string; expires: number };
  coordinator: { url: string; pairing_url: string; web_url: string; since: number };
  offline_key: {
    epoch: number;
    public_key: string;
    wrapped: Uint8Array | null;
    created: number;
    retired: number | null;
    site: string;
  };
  site: { id: string; name: string; created: number };
  offline_capsule: { station: string; epoch: number; issued: number; expires: number };
  wrong_try: { key_hash: string; tries: number; locked_until: number; latest: number };
  key_copy: { url: string; name: string; fingerprint: string };
  signed_directory: { one: number; version: number; signed: string };
  audit_forward: {
    id: string;
    name: string;
    target: string;
    secret: Uint8Array | null;
    created: number;
    sequence: number;
  };
}
