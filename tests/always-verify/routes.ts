import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Notes the routes of every fastify server that is made from now on: what really answers, wherever it was added. */
export function watchRoutes() {
  const servers: { readonly app: FastifyInstance; readonly routes: Set<string> }[] = [];
  const made = (message: unknown) => {
    const { fastify: app } = message as { fastify: FastifyInstance };
    const routes = new Set<string>();
    servers.push({ app, routes });
    app.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) routes.add(`${one} ${url}`);
    });
  };
  subscribe('fastify.initialization', made);
  return {
    /** Of the server at this URL. A HEAD that goes with a GET is the same endpoint. */
    at(url: string): string[] {
      const port = Number(new URL(url).port);
      const found = servers.find(({ app }) => (app.server.address() as AddressInfo | null)?.port === port);
      const routes = [...(found?.routes ?? [])];
      return routes.filter((route) => !route.startsWith('HEAD ') || !routes.includes(route.replace('HEAD', 'GET')));
    },
    stop: () => unsubscribe('fastify.initialization', made)
  };
}
