import type { JobState, Output } from '../../src-preload/contract/index.ts';
import type { Tone } from '../ui/StatusMark.tsx';

/** How a job stands, as a colour. */
export const toneOfJob: Readonly<Record<JobState, Tone>> = {
  sealing: 'busy',
  held: 'good',
  released: 'busy',
  printing: 'busy',
  completed: 'quiet',
  uncertain: 'unsure',
  canceled: 'quiet',
  expired: 'quiet',
  aborted: 'trouble'
};

/** Kept in one place: neither canceled nor erased yet. */
const open: readonly JobState[] = ['sealing', 'held', 'released', 'printing', 'uncertain'];
export const isOpenJob = (state: JobState): boolean => open.includes(state);
export const jobStates = Object.keys(toneOfJob) as readonly JobState[];

/** A certificate that ends soon is renewed by itself; one that has ended, or ends within days, was not. */
const soon = 14 * 86_400_000;
export const toneOfEnd = (ends: string, now: number): Tone => {
  const left = Date.parse(ends) - now;
  if (left <= 0) return 'trouble';
  return left < soon ? 'unsure' : 'good';
};

type Device = Pick<Output<'admin.device.list'>[number], 'status' | 'online'>;
/** What was decided about a machine goes before whether it answers. */
export const deviceState = ({ status, online }: Device) =>
  status !== 'approved' ? status : online ? 'online' : 'offline';
export const toneOfDevice: Readonly<Record<ReturnType<typeof deviceState>, Tone>> = {
  online: 'good',
  offline: 'quiet',
  suspended: 'unsure',
  revoked: 'trouble'
};
