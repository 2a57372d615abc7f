/**
 * Events that can be subscribed to (RFC 3995 section 5.3.3.4): those that a logical printer has. Each names the broader
 * event that contains it, if there is one.
 */
const broader = {
  'job-state-changed': null,
  'job-created': 'job-state-changed',
  'job-completed': 'job-state-changed',
  'job-stopped': 'job-state-changed',
  'printer-state-changed': null,
  'printer-stopped': 'printer-state-changed',
  'printer-config-changed': null
} as const;
export type EventName = keyof typeof broader;

export const eventNames = Object.keys(broader) as readonly EventName[];
export const isEventName = (name: string): name is EventName => Object.hasOwn(broader, name);

/** As what a subscription to `subscribed` hears of the event: the narrowest name that it asked for, or null for not at all. */
export function subscribedEvent(subscribed: readonly EventName[], event: EventName): EventName | null {
  if (subscribed.includes(event)) return event;
  const wider = broader[event];
  return wider && subscribed.includes(wider) ? wider : null;
}
