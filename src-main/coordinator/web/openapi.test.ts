import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { type Procedure, procedures } from '../../../src-preload/contract/index.ts';
import { openApi } from './openapi.ts';

/** The validator that the web server brings along for its own routes. */
const within = (name: string, from: string) => createRequire(from).resolve(name);
const compiler = within('@fastify/ajv-compiler', within('fastify', import.meta.url));
const { Ajv2020: Ajv } = createRequire(compiler)('ajv/dist/2020') as {
  Ajv2020: new (options: object) => { compile(schema: object): unknown };
};

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Content };
  readonly parameters?: readonly { readonly content: Content }[];
  readonly responses: { readonly 200: { readonly content: Content } };
}
type Content = { readonly 'application/json': { readonly schema: object } };
const document = openApi() as {
  readonly openapi: string;
  readonly paths: Record<string, { post?: Operation; get?: Operation }>;
};
const operations = Object.values(document.paths).flatMap(({ post, get }) =>
  [post, get].filter((one) => one !== undefined)
);

test('lists every procedure that the web listener serves, and GET for those that change nothing', () => {
  const web = ['admin', 'user', 'visitor'];
  const served = (Object.keys(procedures) as Procedure[]).filter((name) =>
    procedures[name].callers.some((caller) => web.includes(caller))
  );
  expect(Object.keys(document.paths).sort()).toEqual(served.map((name) => `/api/rpc/${name}`).sort());
  for (const name of served) {
    const path = document.paths[`/api/rpc/${name}`];
    expect(path?.post?.operationId).toBe(name);
    expect(path?.get !== undefined, name).toBe(procedures[name].safe === true);
  }
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
});

test('holds schemas that are valid JSON Schema 2020-12, as OpenAPI 3.1 wants', () => {
  expect(document.openapi).toBe('3.1.0');
  const validator = new Ajv({ strict: false, validateFormats: false });
  for (const { operationId, requestBody, parameters, responses } of operations) {
    const contents = [
      requestBody?.content,
      ...(parameters ?? []).map(({ content }) => content),
      responses[200].content
    ];
    for (const content of contents)
      if (content) expect(() => validator.compile(content['application/json'].schema), operationId).not.toThrow();
  }
});

test('says every scope, so that a program knows which token it needs', () => {
  for (const [path, { post }] of Object.entries(document.paths))
    if (path.startsWith('/api/rpc/admin.')) expect(post, path).toHaveProperty('x-letterlock-scope');
});
