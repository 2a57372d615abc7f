import type { Output, ParsedInput, Procedure } from '../../../src-preload/contract/index.ts';

/** Everything an administrator can do, behind every transport alike. Input is parsed; `actor` goes into the audit log. */
export type AdminProcedure = Extract<Procedure, `admin.${string}`>;
export type AdminHandlers = {
  readonly [P in AdminProcedure]: (input: ParsedInput<P>, actor: string) => Promise<Output<P>>;
};
/** The handlers of one area or more. */
export type AdminArea<Area extends string> = Pick<AdminHandlers, Extract<AdminProcedure, `admin.${Area}.${string}`>>;
