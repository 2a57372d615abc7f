import type { FastifyInstance } from 'fastify';

/**
 * `/pair` of the web listener: what people open who were sent a link. It says where to pair and offers the link that opens the
 * program. It knows no token and keeps nothing: whoever fetches it, follows it or reads it ahead has done nothing.
 */
export function addLandingPage(
  app: FastifyInstance,
  options: {
    readonly organization: string;
    /** `host:port` of the pairing listener. */
    readonly address: () => string;
  }
): void {
  app.get('/pair', async (_request, reply) => reply.type('text/html; charset=utf-8').send(page(options)));
}

const page = ({ organization, address }: Parameters<typeof addLandingPage>[1]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Pair with ${escaped(organization)}</title>
</head>
<body>
<main>
<h1>Pair this computer with ${escaped(organization)}</h1>
<p>If Letterlock is installed here: <a href="letterlock://pair?coordinator=${escaped(encodeURIComponent(address()))}">open it
with this address</a>. It shows the address and does nothing until you say so there.</p>
<p>Or type it yourself in the pairing screen: <code>${escaped(address())}</code></p>
<p>Then six digits appear on your screen. Read them to your administrator, who must see the same six digits.</p>
</main>
</body>
</html>
`;

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);
