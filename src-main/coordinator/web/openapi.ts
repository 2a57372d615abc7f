import { z } from 'zod';
import { version } from '../../../package.json';
import { type Procedure, procedures, publicErrors } from '../../../src-preload/contract/index.ts';
import { sessionCookie } from './session-cookie.ts';

/**
 * The contract as OpenAPI 3.1: every procedure that the web listener serves, made from the same table that it is checked
 * against, so it cannot be out of date. The same for everybody; it tells of nothing but the program.
 */
export function openApi(): object {
  document ??= {
    openapi: '3.1.0',
    info: {
      title: 'Letterlock coordinator',
      version,
      description:
        'Procedures of the administration console and the user portal. Programs send an API token as bearer token; ' +
        'browsers a session cookie, and with every POST the header x-letterlock-csrf.'
    },
    servers: [{ url: '/' }],
    paths: Object.fromEntries(served().map((name) => [`/api/rpc/${name}`, pathOf(name)])),
    components: {
      securitySchemes: {
        apiToken: { type: 'http', scheme: 'bearer', description: 'llt_…, see admin.api-token.create' },
        session: { type: 'apiKey', in: 'cookie', name: sessionCookie }
      },
      schemas: { Failure: failureSchema },
      responses: {
        Failure: {
          description: 'What went wrong, by its code',
          content: json({ $ref: '#/components/schemas/Failure' })
        }
      }
    }
  };
  return document;
}

let document: object | undefined;

const served = (): Procedure[] =>
  (Object.keys(procedures) as Procedure[]).filter((name) =>
    procedures[name].callers.some((caller) => ['admin', 'user', 'visitor'].includes(caller))
  );

function pathOf(name: Procedure): object {
  const { input, output, callers, scope, safe, fresh } = procedures[name];
  const schema = toSchema(input, 'input');
  const operation = {
    tags: [name.split('.').slice(0, -1).join('.')],
    security: callers.includes('visitor')
      ? [{}]
      : scope && scope !== 'owner'
        ? [{ session: [] }, { apiToken: [] }]
        : [{ session: [] }],
    'x-letterlock-callers': callers.filter((caller) => caller !== 'local'),
    ...(scope ? { 'x-letterlock-scope': scope } : {}),
    ...(fresh ? { 'x-letterlock-fresh': true } : {}),
    responses: {
      200: { description: 'Done', content: json(succeeded(toSchema(output, 'output'))) },
      default: { $ref: '#/components/responses/Failure' }
    }
  };
  const body = { required: true, content: json(schema) };
  const query = { name: 'input', in: 'query', description: 'As JSON; {} when left out', content: json(schema) };
  return {
    post: { operationId: name, ...operation, requestBody: body },
    ...(safe ? { get: { operationId: `${name}.get`, ...operation, parameters: [query] } } : {})
  };
}

const toSchema = (schema: z.ZodType, io: 'input' | 'output'): object => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' });
  return rest;
};

const json = (schema: object) => ({ 'application/json': { schema } });
const succeeded = (value: object) => ({
  type: 'object',
  required: ['ok', 'value'],
  properties: { ok: { const: true }, value }
});
const failureSchema = {
  type: 'object',
  required: ['ok', 'code', 'message'],
  properties: {
    ok: { const: false },
    code: { enum: Object.keys(publicErrors) },
    message: { type: 'string' },
    detail: { type: 'string' }
  }
};
