import type { Clock } from '../base/clock.ts';
import type { Access, Requester } from './access.ts';
import type { IppAttribute, IppGroup } from './message.ts';
import type { PrintIntake } from './port.ts';
import type { Reception } from './reception.ts';
import type { OperationName, StatusName } from './registry.ts';
import type { IppRequest } from './request.ts';

/** One request, with what its connection adds to it. */
export interface PrinterCall {
  request: IppRequest;
  /** What follows the attributes. */
  document: AsyncIterable<Uint8Array>;
  /** The printer in every scheme it is served in, the one of this connection first. */
  uris: readonly [string, ...string[]];
  /** Who asks; `nobody` for the operations that are open to everybody (access.ts). */
  requester: Requester;
}

export interface IppAnswer {
  status: StatusName;
  groups: IppGroup[];
  /** More for the operation-attributes group. */
  operation?: readonly IppAttribute[];
  /** More attributes of the last group, encoded before: bytes as they stand in a message. */
  encodedAttributes?: Uint8Array;
}

/** Throws IppRefusal or LetterlockError. */
export type Handler = (call: PrinterCall) => IppAnswer | Promise<IppAnswer>;
export type Handlers<Name extends OperationName> = Record<Name, Handler>;

export interface Printer {
  name: string;
  uuid: string;
  intake: PrintIntake;
  reception: Reception;
  clock: Clock;
  access: Pick<Access, 'authentication'>;
}

export const ok = (groups: IppGroup[] = []): IppAnswer => ({ status: 'successful-ok', groups });

/** Whom the request comes from: an authenticated name counts for more than what the client says of itself. */
export const userOf = ({ requester, request }: PrinterCall): string => requester.name ?? request.userName;
